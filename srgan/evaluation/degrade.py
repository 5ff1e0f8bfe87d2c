"""The worse inputs on which denoising is measured, the same on every machine and run."""

import zlib
from io import BytesIO

import numpy as np
from PIL import Image

NOISE_SIGMA = 10.0
JPEG_QUALITY = 40


def degrade(rgb: np.ndarray, name: str) -> np.ndarray:
    """uint8 RGB (H×W×3) with Gaussian noise (sigma 10 of 255) and then JPEG of quality 40.

    The noise is seeded by `name`, so a picture's result depends on no other picture.
    """
    noise = np.random.default_rng(zlib.crc32(name.encode())).normal(0.0, NOISE_SIGMA, rgb.shape)
    noisy = np.rint(np.clip(rgb + noise, 0, 255)).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(Image.open(file))
