"""A decoded picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srgan.errors import BadOption

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels in sRGB, upright, and where they came from. Raises ValueError for other arrays.

    rgb: uint8, height × width × 3, 0 to 255, not premultiplied.
    alpha: uint8, height × width, 0 (transparent) to 255 (opaque); None where there is none.
    format: "PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF" or "HEIF"; None for no file.
    gray: the three channels of `rgb` are equal everywhere.
    """

    rgb: Pixels
    alpha: Pixels | None = None
    format: str | None = None
    gray: bool = False

    def __post_init__(self) -> None:
        shape = self.rgb.shape
        if self.rgb.dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise ValueError(f"rgb must be uint8 height × width × 3, not {self.rgb.dtype} {shape}")
        if self.alpha is not None and (
            self.alpha.dtype != np.uint8 or self.alpha.shape != shape[:2]
        ):
            raise ValueError(
                f"alpha must be uint8 {shape[:2]}, not {self.alpha.dtype} {self.alpha.shape}"
            )

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)"""
        return self.width, self.height

    @property
    def transparent(self) -> bool:
        """Whether any of it can be seen through."""
        return self.alpha is not None and bool((self.alpha < 255).any())

    @classmethod
    def from_array(cls, array: NDArray[np.generic]) -> "Picture":
        """A picture of uint8 height × width (gray), × 1 (gray), × 2 (gray and alpha), × 3 or × 4.

        Raises BadOption for any other shape or type.
        """
        if array.ndim == 2:
            array = array[:, :, np.newaxis]
        if (
            array.dtype != np.uint8
            or array.ndim != 3
            or 0 in array.shape
            or array.shape[2] not in (1, 2, 3, 4)
        ):
            raise BadOption(
                "An array must hold a picture as uint8, height × width × 1 to 4 channels, "
                f"not {array.dtype} of shape {array.shape}."
            )
        channels = array.shape[2]
        gray = channels < 3
        colour = np.repeat(array[:, :, :1], 3, axis=2) if gray else array[:, :, :3]
        alpha = np.ascontiguousarray(array[:, :, -1]) if channels in (2, 4) else None
        return cls(np.ascontiguousarray(colour), alpha, gray=gray)
