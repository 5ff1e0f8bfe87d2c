"""A font on every machine: the one that Pillow brings."""

import io
from pathlib import Path

from PIL import ImageFont


def write_font(file: Path) -> None:
    """Write it into `file`."""
    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, io.BytesIO)
    file.write_bytes(font.path.getvalue())
