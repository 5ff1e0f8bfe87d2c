"""A file in the hands of the one decoder that is for its kind."""

import functools
from io import BytesIO
from typing import IO

from PIL import Image

from srgan.imaging.formats import NEAR_JPEG, output_format_for
from srgan.imaging.heif import without_metadata


def opened(file: IO[bytes], kind: str) -> Image.Image:
    """The picture in `file`, of a kind that `sniff` tells; no pixel is decoded yet.

    Raises what Pillow raises.
    """
    if kind == "HEIF":
        _teach_heif()
        file = BytesIO(without_metadata(file.read()))
    return Image.open(file, formats=(kind,))


def output_format_by_header(file: IO[bytes], kind: str) -> str:
    """ "The same as the original", see `output_format_for`, before the picture is decoded: what has
    alpha counts as transparent. Raises what Pillow raises.
    """
    if kind not in NEAR_JPEG:
        return output_format_for(kind, transparent=False)
    with opened(file, kind) as image:
        return output_format_for(kind, has_alpha(image))


def has_alpha(image: Image.Image) -> bool:
    """Whether an opened picture comes with alpha, all of which may turn out to be opaque."""
    return image.mode.endswith("A") or "transparency" in image.info


@functools.cache
def _teach_heif() -> None:
    import pi_heif  # not before the first one comes, since few start for that

    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
