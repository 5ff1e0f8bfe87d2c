"""Which formats are read and written, and what each can hold."""

from collections.abc import Mapping

from srgan.errors import BadOption, CannotWrite
from srgan.limits import LONGEST_SIDE

INPUT_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")  # Pillow's names
OUTPUT_FORMATS = ("PNG", "JPEG", "WEBP")

NEAR_JPEG = ("AVIF", "HEIF")  # what is small because some of it is lost

HEAD_BYTES = 64  # of a file, which tell its kind

_EXTENSIONS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_SIGNATURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
)
_FOREIGN_SIGNATURES = (
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"\0\0\x01\0", "icon"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
)
# What a file of boxes is, by the brands in its first (ISO/IEC 14496-12, section 4.3)
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "HEIF"),
}
_FOREIGN_BRANDS = {
    **dict.fromkeys((b"hevc", b"hevx", b"msf1"), "animated HEIF"),
    b"mif1": "HEIF, compressed neither as HEIC nor as AVIF",
}


def sniff(head: bytes) -> str | None:
    """The input format that a file's first `HEAD_BYTES` announce, or None."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    by_brand = _first_of(_BRANDS, head)
    return by_brand or next((name for magic, name in _SIGNATURES if head.startswith(magic)), None)


def sniff_foreign(head: bytes) -> str | None:
    """The name of a picture format that is not read, from a file's first `HEAD_BYTES`, or None."""
    by_brand = _first_of(_FOREIGN_BRANDS, head)
    return by_brand or next(
        (name for magic, name in _FOREIGN_SIGNATURES if head.startswith(magic)), None
    )


def shown(format: str) -> str:
    """A format as people write it."""
    return {"WEBP": "WebP", "HEIF": "HEIC"}.get(format, format)


def _first_of(kinds: Mapping[bytes, str], head: bytes) -> str | None:
    """What the first brand that `kinds` has stands for: the major one, then the compatible ones."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    return next((kinds[brand] for brand in brands if brand in kinds), None)


def output_format(name: str) -> str:
    """ "PNG", "JPEG" or "WEBP" for a name in any case, "jpg" included. Raises BadOption."""
    found = {"JPG": "JPEG"}.get(name.upper(), name.upper())
    if found not in OUTPUT_FORMATS:
        raise BadOption(f"The output format can be PNG, JPEG or WebP, not {name!r}.")
    return found


def output_format_for(picture_format: str | None, transparent: bool) -> str:
    """ "The same as the original". For what is read and not written: PNG, or JPEG where that is
    nearer, as to a photograph of a phone, whose PNG is five times as large.
    """
    if picture_format in OUTPUT_FORMATS:
        return picture_format
    return "JPEG" if picture_format in NEAR_JPEG and not transparent else "PNG"


def extension(format: str) -> str:
    """The ending of a file's name for an output format, with its dot. Raises BadOption."""
    return _EXTENSIONS[output_format(format)]


def check_output_size(format: str, width: int, height: int) -> None:
    """Raises CannotWrite where `format` cannot hold width × height, BadOption for no format."""
    name = output_format(format)
    longest = LONGEST_SIDE[name]
    if max(width, height) <= longest:
        return
    others = [other for other in OUTPUT_FORMATS if LONGEST_SIDE[other] >= max(width, height)]
    instead = f"choose {' or '.join(others)}, or " if others else ""
    raise CannotWrite(
        f"The result would have {width:,} × {height:,} pixels, and a {shown(name)} can have at "
        f"most {longest:,} in each direction: {instead}choose a smaller scale."
    )
