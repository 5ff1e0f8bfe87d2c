"""What a file's first bytes tell: its format and size, before anything is decided."""

import warnings
from typing import NamedTuple

from PIL import Image

from srgan.errors import BrokenPicture, NotAPicture, PictureTooLarge
from srgan.imaging import HEAD_BYTES, opened, sniff
from srgan.imaging.formats import shown
from srgan.imaging.opening import has_alpha
from srgan.imaging.orientation import orientation_of
from srgan.scale_out import banded_tiff
from srgan.scale_out.files import open_to_read


class Header(NamedTuple):
    """What a file's header announces: its format, (width, height) upright, and alpha, which of a
    TIFF is not looked at: its result is a PNG or a TIFF anyway.
    """

    kind: str
    size: tuple[int, int]
    alpha: bool


def read_header(address: str) -> Header:
    """What the header of the file at `address` announces.

    Raises NotAPicture, BrokenPicture, and PictureTooLarge where Pillow's guard against
    decompression bombs refuses a picture that is no TIFF. Nothing is decoded.
    """
    with open_to_read(address) as file:
        kind = sniff(file.read(HEAD_BYTES))
        if kind is None:
            raise NotAPicture("This is not a picture of a kind that is read.")
        file.seek(0)
        if kind == "TIFF":
            return Header(kind, banded_tiff.size_of(file), alpha=False)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what is decoded is checked when it is decoded
                image = opened(file, kind)
                upright = image.size[::-1] if orientation_of(image) >= 5 else image.size
                return Header(kind, upright, has_alpha(image))
        except Image.DecompressionBombError as error:
            raise PictureTooLarge(
                "The picture has too many pixels for its format. Please save it as a TIFF, which "
                "can be read region by region."
            ) from error
        except Exception as error:
            raise BrokenPicture(
                f"This {shown(kind)} file is broken or incomplete. Please fetch or save it again."
            ) from error
