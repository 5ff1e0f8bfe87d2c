"""The ways of enlarging that are compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from srgan.evaluation.benchmark_sets import SCALE
from srgan.upscaler import Options, Upscaler


@dataclass(frozen=True)
class Method:
    """A way of enlarging uint8 RGB (H×W×3) to uint8 RGB (4H×4W×3), and its row's label."""

    name: str
    enlarge: Callable[[np.ndarray], np.ndarray]


def _bicubic(rgb: np.ndarray) -> np.ndarray:
    size = (rgb.shape[1] * SCALE, rgb.shape[0] * SCALE)
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC))


# Pillow's, which is MATLAB's but for the outermost pixels.
BICUBIC = Method("bicubic", _bicubic)

DENOISED = ", denoised"


def of_models(upscaler: Upscaler, names: Sequence[str]) -> Iterator[Method]:
    """Two methods for each model: without denoising, and with all of it."""

    def method(label: str, options: Options) -> Method:
        return Method(label, lambda rgb: upscaler.upscale(rgb, options).rgb)

    for name in names:
        yield method(name, Options(model=name, denoise=0.0))
        yield method(name + DENOISED, Options(model=name, denoise=1.0))
