"""A file in the hands of the one decoder that is for its kind."""

import functools
from io import BytesIO
from typing import IO

from PIL import Image

from srgan.imaging.heif import without_metadata


def opened(file: IO[bytes], kind: str) -> Image.Image:
    """The picture in `file`, of a kind that `sniff` tells; no pixel is decoded yet.

    Raises what Pillow raises.
    """
    if kind == "HEIF":
        _teach_heif()
        file = BytesIO(without_metadata(file.read()))
    return Image.open(file, formats=(kind,))


@functools.cache
def _teach_heif() -> None:
    import pi_heif  # not before the first one comes, since few start for that

    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
