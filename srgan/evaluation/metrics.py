"""PSNR and SSIM on luma, by the protocol that the super-resolution papers share."""

import numpy as np

# What the x4 tables crop from every side before they compare: one low-resolution pixel.
BORDER = 4

# ITU-R BT.601 luma of red, green and blue, from 0..255 to a range of 219
LUMA = np.array([65.481, 128.553, 24.966]) / 255.0


def crop(picture: np.ndarray, border: int = BORDER) -> np.ndarray:
    """`picture` (H×W or H×W×C) without `border` pixels on every side."""
    return picture[border : picture.shape[0] - border, border : picture.shape[1] - border]


def luma(rgb: np.ndarray) -> np.ndarray:
    """ITU-R BT.601 luma of uint8 RGB (H×W×3) as MATLAB's `rgb2ycbcr` gives it, before rounding.

    Returns float64 H×W in 16..235.
    """
    return 16.0 + rgb.astype(np.float64) @ LUMA


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB for values in 0..255; infinite for equal arrays."""
    mse = np.mean(np.square(a.astype(np.float64) - b.astype(np.float64)))
    return float("inf") if mse == 0 else float(10.0 * np.log10(255.0**2 / mse))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean structural similarity of two H×W arrays with values in 0..255.

    Wang et al., "Image quality assessment: from error visibility to structural similarity",
    IEEE TIP 2004, section III: Gaussian window of 11 pixels with sigma 1.5, K1 = 0.01,
    K2 = 0.03, only where the whole window fits. Both sides must be at least 11 pixels.
    """
    if min(a.shape) < 11:
        raise ValueError(f"SSIM needs at least 11 pixels on each side, not {a.shape}")
    a, b = a.astype(np.float64), b.astype(np.float64)
    mean_a, mean_b = _gaussian(a), _gaussian(b)
    variance_a = _gaussian(a * a) - mean_a**2
    variance_b = _gaussian(b * b) - mean_b**2
    covariance = _gaussian(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = ((2 * mean_a * mean_b + c1) * (2 * covariance + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    )
    return float(similarity.mean())


def _gaussian(values: np.ndarray) -> np.ndarray:
    """Means weighted by a Gaussian of sigma 1.5, for each 11 × 11 window that fits."""
    weights = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    for _ in range(2):
        length = values.shape[0] - 10
        values = sum(w * values[i : i + length] for i, w in enumerate(weights)).T
    return values


def psnr_y(result: np.ndarray, truth: np.ndarray) -> float:
    """PSNR in dB of the luma of two uint8 RGB pictures of one size, border cropped."""
    return psnr(crop(luma(result)), crop(luma(truth)))


def ssim_y(result: np.ndarray, truth: np.ndarray) -> float:
    """SSIM of the luma of two uint8 RGB pictures of one size, border cropped."""
    return ssim(crop(luma(result)), crop(luma(truth)))
