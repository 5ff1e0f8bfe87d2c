"""The EXIF orientation, found and applied."""

import numpy as np
from PIL import ExifTags, Image

from srgan.imaging.picture import Pixels


def orientation_of(image: Image.Image) -> int:
    """1 to 8 as in EXIF 2.32, section 4.6.4; 1, upright, where EXIF data are missing or broken.

    Asked after loading: a PNG may have its EXIF data behind its pixels, and Pillow turns a TIFF
    itself while loading it.
    """
    forget_xmp(image)
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - whatever broken EXIF data do, the pixels are good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def forget_xmp(image: Image.Image) -> None:
    """Keep Pillow from turning a picture by its XMP data, before a TIFF is loaded and after others.

    No browser does, and where EXIF data say nothing they are often left over from before a program
    turned the pixels.
    """
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Pixels (H × W or H × W × C) as they are meant to be seen; contiguous."""
    turned = {
        1: lambda: pixels,
        2: lambda: np.fliplr(pixels),
        3: lambda: np.rot90(pixels, 2),
        4: lambda: np.flipud(pixels),
        5: lambda: np.swapaxes(pixels, 0, 1),
        6: lambda: np.rot90(pixels, -1),
        7: lambda: np.rot90(np.swapaxes(pixels, 0, 1), 2),
        8: lambda: np.rot90(pixels, 1),
    }[orientation]()
    return np.ascontiguousarray(turned)
