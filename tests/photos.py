"""Pictures for tests that need no file beside the repository."""

from pathlib import Path

import numpy as np
from PIL import Image

SAMPLE = Path(__file__).parents[1] / "srgan" / "web" / "cat.png"


def photograph(width: int, height: int) -> np.ndarray:
    """uint8 RGB (height, width, 3): the page's sample, enlarged to cover the size, and cut."""
    with Image.open(SAMPLE) as image:
        photo = image.convert("RGB")
    factor = max(1.0, width / photo.width, height / photo.height)
    size = (round(photo.width * factor), round(photo.height * factor))
    return np.asarray(photo.resize(size, Image.Resampling.LANCZOS))[:height, :width].copy()


def noisy(width: int, height: int) -> np.ndarray:
    """`photograph` with noise: where context is missing, every pixel differs."""
    noise = np.random.default_rng(height).integers(-40, 41, (height, width, 3))
    return np.clip(photograph(width, height) + noise, 0, 255).astype(np.uint8)


def sepia(photo: np.ndarray) -> np.ndarray:
    """uint8 RGB (height, width, 3) in the shades of an old print: no true black, brown, cream."""
    gray = photo @ np.array([0.299, 0.587, 0.114]) / 255
    dark, middle, light = (np.array(it) for it in ((38, 30, 26), (152, 124, 92), (246, 234, 206)))
    parts = (1 - gray) ** 2, 2 * gray * (1 - gray), gray**2
    shades = sum(np.multiply.outer(*it) for it in zip(parts, (dark, middle, light), strict=True))
    return np.rint(shades).astype(np.uint8)


def gradient(width: int, height: int) -> np.ndarray:
    """uint8 RGB (height, width, 3): colours that change slowly, where seams show first."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 40 + 170 * x / max(1, width - 1)
    green = 60 + 150 * y / max(1, height - 1)
    blue = 128 + 90 * np.sin(x / 60) * np.cos(y / 80)
    return np.rint(np.stack([red, green, blue], axis=2)).astype(np.uint8)
