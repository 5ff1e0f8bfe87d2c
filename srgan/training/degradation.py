"""Random degradations of low-resolution patches: blur, Gaussian noise, JPEG, alone and mixed."""

import io

import numpy as np
from PIL import Image, ImageFilter

CLEAN_SHARE = 0.15  # kept untouched, so that the autoencoder learns to leave clean pictures alone
LIGHT_SHARE = 0.25  # of the others: as most photographs are saved, where there is little to clean


def degrade(
    lr: np.ndarray, random: np.random.Generator, clean_share: float = CLEAN_SHARE
) -> np.ndarray:
    """One uint8 (H, W, 3) patch -> the same shape and dtype, degraded at random.

    With a probability of `clean_share` it stays as it is. Of the others a quarter (`LIGHT_SHARE`)
    have only gone through JPEG of quality 75 to 95. The rest have, each by its own chance:

    slight blur (a third of the patches, Gaussian radius up to 0.8 px), Gaussian noise (two
    thirds, sigma up to 25 levels, a third of it gray), JPEG (two thirds, quality 20 to 95, with
    4:2:0 or 4:4:4 chroma), in the order in which a camera makes them.
    """
    if random.random() < clean_share:
        return lr
    if random.random() < LIGHT_SHARE:
        return _saved(lr, random, 75)
    picture = lr
    if random.random() < 1 / 3:
        blur = ImageFilter.GaussianBlur(random.uniform(0.1, 0.8))
        picture = np.asarray(Image.fromarray(picture).filter(blur))
    if random.random() < 2 / 3:
        sigma = 25 * random.random() ** 1.5
        channels = 1 if random.random() < 1 / 3 else 3
        noise = random.normal(0, sigma, (*picture.shape[:2], channels))
        picture = np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)
    if random.random() < 2 / 3:
        picture = _saved(picture, random, 20)
    return picture


def _saved(picture: np.ndarray, random: np.random.Generator, worst: int) -> np.ndarray:
    return jpeg(picture, int(random.integers(worst, 96)), int(random.choice([0, 2])))


def jpeg(picture: np.ndarray, quality: int, subsampling: int = 2) -> np.ndarray:
    """uint8 (H, W, 3) through JPEG of `quality` 1 to 100 (`subsampling` 0 is 4:4:4, 2 is 4:2:0)."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file).convert("RGB"))


def degrade_batch(
    lr: np.ndarray, random: np.random.Generator, clean_share: float = CLEAN_SHARE
) -> np.ndarray:
    """`degrade` for each patch of uint8 (N, H, W, 3)."""
    return np.stack([degrade(patch, random, clean_share) for patch in lr])
