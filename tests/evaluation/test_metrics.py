import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srgan.evaluation import metrics


def noise(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "y"),
    [
        ((0, 0, 0), 16.0),
        ((255, 255, 255), 235.0),
        ((255, 0, 0), 81.481),
        ((0, 255, 0), 144.553),
        ((0, 0, 255), 40.966),
    ],
)
def test_luma_is_bt_601s_at_the_corners_of_the_cube(rgb, y):
    assert metrics.luma(np.array([[rgb]], np.uint8))[0, 0] == pytest.approx(y)


@given(offset=st.integers(1, 100))
def test_psnr_of_a_constant_difference_is_the_formulas(offset):
    a = np.full((9, 9), 100.0)
    expected = 20 * np.log10(255 / offset)
    assert metrics.psnr(a, a + offset) == pytest.approx(expected)


def test_psnr_of_equal_pictures_is_infinite():
    a = noise(0, (20, 20, 3))
    assert metrics.psnr_y(a, a) == float("inf")


def test_psnr_y_scales_luma_as_the_papers_do():
    """One gray level is 219/255 of a luma level."""
    a = np.full((20, 20, 3), 100, np.uint8)
    assert metrics.psnr_y(a, a + 1) == pytest.approx(20 * np.log10(255 / (219 / 255)))


def test_what_lies_in_the_border_does_not_count():
    a = noise(1, (30, 40, 3))
    b = a.copy()
    b[:4], b[-4:], b[:, :4], b[:, -4:] = 0, 0, 0, 0
    assert metrics.psnr_y(a, b) == float("inf")
    assert metrics.ssim_y(a, b) == pytest.approx(1.0)
    b[4, 4] = 255 - b[4, 4]
    assert metrics.psnr_y(a, b) < 100
    assert metrics.ssim_y(a, b) < 1.0


def test_ssim_of_one_window_is_the_papers_formula():
    a, b = noise(2, (11, 11)).astype(float), noise(3, (11, 11)).astype(float)
    line = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    weights = np.outer(line, line) / line.sum() ** 2
    mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
    variance_a = (weights * (a - mean_a) ** 2).sum()
    variance_b = (weights * (b - mean_b) ** 2).sum()
    covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
    c1, c2 = 2.55**2, 7.65**2
    expected = ((2 * mean_a * mean_b + c1) * (2 * covariance + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    )
    assert metrics.ssim(a, b) == pytest.approx(expected)


def test_ssim_falls_as_noise_grows():
    a = np.tile(np.linspace(30, 220, 64), (64, 1))
    rng = np.random.default_rng(4)
    scores = [metrics.ssim(a, a + rng.normal(0, sigma, a.shape)) for sigma in (0, 2, 10, 40)]
    assert scores[0] == pytest.approx(1.0)
    assert scores == sorted(scores, reverse=True)


def test_ssim_refuses_what_its_window_does_not_fit():
    with pytest.raises(ValueError, match="11 pixels"):
        metrics.ssim(np.zeros((10, 40)), np.zeros((10, 40)))
