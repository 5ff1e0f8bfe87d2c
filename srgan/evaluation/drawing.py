"""What plots and sheets have in common: letters, and a file that appears whole."""

from pathlib import Path

from PIL import Image, ImageFont

from srgan.errors import CannotWrite

INK, FAINT, PAPER = "#222222", "#d0d0d0", "#ffffff"


def letters(size: int = 14) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


def save(image: Image.Image, file: Path) -> None:
    """Write a PNG, making its folder. Raises CannotWrite."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(file.name + ".partial")
        image.save(partial, "PNG")
        partial.replace(file)
    except OSError as error:
        raise CannotWrite(f"{file} cannot be written: {error.strerror}.") from error
