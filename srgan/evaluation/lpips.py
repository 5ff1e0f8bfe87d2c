"""LPIPS: how different two pictures look to a network, 0 for equal ones."""

import os
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from srgan.errors import NetworkUnavailable

WEIGHTS_VARIABLE = "SRGAN_LPIPS_WEIGHTS"

# The input normalisation of Zhang et al.'s reference implementation, for values in -1..1.
_SHIFT = np.array([-0.030, -0.088, -0.188], np.float32)
_SCALE = np.array([0.458, 0.448, 0.450], np.float32)

# AlexNet's five convolutions: stride, padding, and whether a pooling comes before.
_LAYERS = ((4, 2, False), (1, 2, True), (1, 1, True), (1, 1, False), (1, 1, False))


class Lpips:
    """LPIPS v0.1 with AlexNet (Zhang et al., "The unreasonable effectiveness of deep features as
    a perceptual metric", CVPR 2018, arXiv 1801.03924), in NumPy.

    `weights` is an .npz with `conv1_kernel` (11, 11, 3, 64) to `conv5_kernel`, their `_bias`es,
    and the linear heads `lin0` to `lin4`. Raises NetworkUnavailable when it is anything else.
    """

    def __init__(self, weights: Path) -> None:
        try:
            with np.load(weights) as file:
                self._kernels = [file[f"conv{i}_kernel"] for i in range(1, 6)]
                self._biases = [file[f"conv{i}_bias"] for i in range(1, 6)]
                self._heads = [file[f"lin{i}"] for i in range(5)]
        except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
            raise NetworkUnavailable(f"{weights} does not hold the weights of LPIPS.") from error

    def __call__(self, a: np.ndarray, b: np.ndarray) -> float:
        """The distance of two uint8 RGB pictures (H×W×3) of one size, at least 32 × 32."""
        return self.to(b)(a)

    def to(self, truth: np.ndarray) -> Callable[[np.ndarray], float]:
        """The distance to `truth` as a function, which looks at `truth` only once."""
        if min(truth.shape[:2]) < 32:
            raise ValueError(f"LPIPS compares pictures from 32 × 32 up, not {truth.shape}")
        expected = [_unit(features) for features in self._features(truth)]

        def distance(picture: np.ndarray) -> float:
            if picture.shape != truth.shape:
                raise ValueError(f"LPIPS compares equal sizes: {picture.shape}, {truth.shape}")
            seen = map(_unit, self._features(picture))
            return sum(
                float((np.square(x - y) @ head).mean())
                for x, y, head in zip(seen, expected, self._heads, strict=True)
            )

        return distance

    def _features(self, picture: np.ndarray) -> list[np.ndarray]:
        x = (picture.astype(np.float32) / 127.5 - 1.0 - _SHIFT) / _SCALE
        features = []
        for (stride, padding, pool), kernel, bias in zip(
            _LAYERS, self._kernels, self._biases, strict=True
        ):
            x = _convolve(_max_pool(x) if pool else x, kernel, stride, padding)
            x = np.maximum(x + bias, 0.0)
            features.append(x)
        return features


def weights_file(option: str | None) -> Path | None:
    """The file named by `option` or else by SRGAN_LPIPS_WEIGHTS; None when neither is set."""
    name = option or os.environ.get(WEIGHTS_VARIABLE)
    return Path(name) if name else None


def _convolve(x: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """H×W×C_in with zeros around it, by a kernel (kh, kw, C_in, C_out)."""
    x = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    kh, kw, _, maps = kernel.shape
    windows = sliding_window_view(x, (kh, kw), axis=(0, 1))[::stride, ::stride]
    height, width = windows.shape[:2]
    flat = windows.reshape(height * width, -1)
    return (flat @ kernel.transpose(2, 0, 1, 3).reshape(-1, maps)).reshape(height, width, maps)


def _max_pool(x: np.ndarray) -> np.ndarray:
    """3×3 windows, every second one, only where they fit."""
    windows = sliding_window_view(x, (3, 3), axis=(0, 1))[::2, ::2]
    return windows.max(axis=(-2, -1))


def _unit(features: np.ndarray) -> np.ndarray:
    return features / (np.sqrt(np.square(features).sum(axis=-1, keepdims=True)) + 1e-10)
