"""Cameras' files in Adobe RGB, which have no profile (DCF 2.0: JEITA CP-3461B, section 4.4)."""

from PIL import ExifTags, Image

from srgan.imaging.matrix_profile import ADOBE_RGB, D65, matrix_profile, of_gamma

_GAMMA = 563 / 256  # Adobe RGB (1998), 4.3.4.2


def is_adobe_rgb(image: Image.Image) -> bool:
    """Whether its EXIF data say so; False where they are missing or broken."""
    try:
        rules = image.getexif().get_ifd(ExifTags.IFD.Interop)
        return rules.get(ExifTags.Interop.InteropIndex) == "R03"
    except Exception:  # noqa: BLE001 - whatever broken EXIF data do, the pixels are good
        return False


def adobe_rgb() -> bytes | None:
    """Its profile."""
    return matrix_profile(ADOBE_RGB, D65, of_gamma(_GAMMA))
