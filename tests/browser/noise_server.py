"""The page with an upscaler that makes noise: results that no PNG can make smaller, in no time.

Its second argument is a file that grows by one byte with every upscale.
"""

import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import uvicorn

from srgan.imaging import Picture
from srgan.upscaler import Upscaler


def noise(size):
    """Always the same picture for a (width, height)."""
    width, height = size
    return Picture(np.random.default_rng(4).integers(0, 256, (height, width, 3), np.uint8))


class NoiseUpscaler(Upscaler):
    """Knows all about the networks, and never runs them."""

    def upscale(self, source: Any, options: Any = None, *_: Any, **__: Any) -> Picture:
        with Path(sys.argv[2]).open("ab") as file:
            file.write(b".")
        return noise(self.output_size(source.size, options))


if __name__ == "__main__":
    with patch("srgan.web.service.Upscaler", NoiseUpscaler):
        from app import app

        uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
