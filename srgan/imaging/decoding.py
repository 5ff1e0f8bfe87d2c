"""Untrusted bytes to a Picture."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from srgan.errors import (
    AnimatedPicture,
    BrokenPicture,
    NotAPicture,
    PictureTooLarge,
    SrganError,
    UnsupportedFormat,
)
from srgan.imaging.bmp import check_runs
from srgan.imaging.boxes import colour_codes
from srgan.imaging.colour import Samples, to_srgb
from srgan.imaging.colour_codes import profile_of_codes
from srgan.imaging.dcf import adobe_rgb, is_adobe_rgb
from srgan.imaging.formats import HEAD_BYTES, shown, sniff, sniff_foreign
from srgan.imaging.gif import check_blocks
from srgan.imaging.jpeg import count_scans
from srgan.imaging.opening import opened
from srgan.imaging.orientation import forget_xmp, orientation_of, upright
from srgan.imaging.picture import Picture
from srgan.imaging.png import without_profile
from srgan.imaging.tiff import check_directories, mend_planes
from srgan.limits import Limits

NO_MEMORY = "There is not enough memory for this picture. Please make it smaller."
_READ = "Please choose a PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP or TIFF file."

_NEW_SUBFILE_TYPE = 254  # TIFF 6.0, section 8; bit 0: a reduced version of another page
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
_DNG_VERSION = 50706

# Python 3.11 has one list of warning filters for all threads, so that only one may change it.
_warning_filters = threading.Lock()


def decode(data: bytes, limits: Limits) -> Picture:
    """The picture in `data`: upright, in sRGB, 8 bits a channel, alpha kept apart.

    A multi-picture JPEG, as phones write it, is read as the JPEG it begins with, and a HEIC as the
    one of its pictures that it calls the primary. Colours are by a profile, or by what else the
    file says of them. A profile or EXIF data that make no sense are left aside; a decoder's warning
    about the pixels is an error.

    Raises NotAPicture, UnsupportedFormat, BrokenPicture, PictureTooLarge (all limits are checked
    before pixels are decoded) and AnimatedPicture (several frames or pages), nothing else.
    """
    kind = file_kind(data, limits)
    with _errors_of(kind), _warnings_as_errors(kind):
        _check_pieces(data, kind, limits)
        profile = None
        if kind == "PNG":
            data, profile = without_profile(data, limits.max_profile_bytes)
        image = opened(BytesIO(data), kind)
        _check_size(image.size, limits)
        _check_pages(image)
        _check_depth(image)
        samples = _samples(image, data)
        forget_xmp(image)
        if isinstance(image, TiffImageFile):
            mend_planes(image)
        image.load()
        _check_size(image.size, limits)  # of a HEIC, the header may have told another
        profile = profile or _profile(image, limits) or _told(image, data, kind)
        layers = to_srgb(image, samples, profile)
        turn = orientation_of(image)
    alpha = None if layers.alpha is None else upright(layers.alpha, turn)
    return Picture(upright(layers.rgb, turn), alpha, kind, layers.gray)


def file_kind(data: bytes, limits: Limits) -> str:
    """The format that a file announces: what can be told before any decoder sees it.

    Raises PictureTooLarge for too many bytes, UnsupportedFormat and NotAPicture.
    """
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(
            f"The file has more than {limits.max_bytes / 1e6:,.4g} MB, which is the most that is "
            "read. Please make the picture smaller, or save it as JPEG or WebP."
        )
    if not data:
        raise NotAPicture(f"The file is empty. {_READ}")
    kind = sniff(data[:HEAD_BYTES])
    if kind is not None:
        return kind
    foreign = sniff_foreign(data[:HEAD_BYTES])
    if foreign is not None:
        raise UnsupportedFormat(f"This is a file of the kind {foreign}, which is not read. {_READ}")
    raise NotAPicture(f"This is not a picture. {_READ}")


def _check_pieces(data: bytes, kind: str, limits: Limits) -> None:
    """Refuse what is cheap to write and dear to walk over. Raises ValueError for mere litter."""
    if kind == "BMP":
        check_runs(data)
    elif kind == "TIFF":
        check_directories(data)
    elif kind == "GIF":
        check_blocks(data)
    elif kind == "JPEG" and count_scans(data, limits.max_scans) > limits.max_scans:
        raise UnsupportedFormat(
            "This JPEG is made of unusually many passes. Please save it again, not progressive."
        )


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise BrokenPicture("This picture has no pixels.")
    has = f"The picture has {width:,} × {height:,} pixels"
    if width * height > limits.max_pixels:
        raise PictureTooLarge(
            f"{has} ({width * height / 1e6:,.1f} megapixels), and at most "
            f"{limits.max_pixels / 1e6:,.4g} megapixels are read. "
            "Please crop it or make it smaller."
        )
    if max(size) > limits.max_side:
        raise PictureTooLarge(
            f"{has}, and at most {limits.max_side:,} are read along one side. "
            "Please crop it or make it smaller."
        )


def _check_pages(image: Image.Image) -> None:
    kind = image.format
    if kind == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        if tags.get(_NEW_SUBFILE_TYPE, 0) & 1 or _DNG_VERSION in tags:
            raise UnsupportedFormat(
                "This is a camera's raw picture, which is not read. Please export it as JPEG, PNG "
                "or plain TIFF."
            )
        # Asked without counting: a file of 30 MB has room for a million pages.
        if _second_tiff_page(image):
            raise AnimatedPicture(
                "This TIFF has several pages, and only single pictures are upscaled. "
                "Please save the page you want as a picture of its own."
            )
    elif kind not in ("MPO", "HEIF") and getattr(image, "is_animated", False):
        raise AnimatedPicture(
            "This picture is animated, and only still pictures are upscaled. "
            "Please save the frame you want as a picture of its own."
        )


def _check_depth(image: Image.Image) -> None:
    # pi-heif (1.4.0) believes the header, and where the pixels turn out to have 8 bits it writes
    # beyond them. Only gray ones are taken as they are.
    if image.format == "HEIF" and image.mode.startswith("I;16"):
        raise UnsupportedFormat(
            "This HEIC is gray and has more than 8 bits per pixel, which is not read. "
            "Please save it as PNG or TIFF."
        )


def _second_tiff_page(image: Image.Image) -> bool:
    """Whether a page follows the first that is more than a thumbnail of it."""
    thumbnails_and_masks = 8
    page = 0
    try:
        while page < thumbnails_and_masks:
            page += 1
            image.seek(page)
            if not image.tag_v2.get(_NEW_SUBFILE_TYPE, 0) & 0b101:  # type: ignore[attr-defined]
                return True
    except EOFError:
        return False
    finally:
        image.seek(0)
    return True


def _profile(image: Image.Image, limits: Limits) -> bytes | None:
    profile = image.info.get("icc_profile")
    usable = isinstance(profile, bytes) and 0 < len(profile) <= limits.max_profile_bytes
    return profile if usable else None


def _told(image: Image.Image, data: bytes, kind: str) -> bytes | None:
    """What a file without a profile says of its colours, as one."""
    if kind in ("AVIF", "HEIF"):
        codes = colour_codes(data)
        return codes and profile_of_codes(*codes)
    return adobe_rgb() if kind == "JPEG" and is_adobe_rgb(image) else None


def _samples(image: Image.Image, data: bytes) -> Samples:
    if image.format == "PNG":
        # The header always comes first (PNG, section 11.2.1); bit 1 of the colour type is colour.
        return Samples(depth=data[24], gray=not data[25] & 2)
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        inverted = tags.get(_PHOTOMETRIC) == 0 and image.mode == "I;16"
        return Samples(depth=tags.get(_BITS_PER_SAMPLE, (8,))[0], inverted=inverted)
    return Samples()


@contextmanager
def _errors_of(kind: str) -> Iterator[None]:
    """Whatever a decoder raises ends as one of our errors, with the cause chained to it."""
    try:
        yield
    except SrganError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(
            "The picture has far too many pixels. Please crop it or make it smaller."
        ) from error
    except MemoryError as error:
        raise PictureTooLarge(NO_MEMORY) from error
    except UnidentifiedImageError as error:
        raise BrokenPicture(
            f"This {shown(kind)} file is broken, or of a kind too unusual to be read. "
            "Please save it again as an ordinary PNG or JPEG."
        ) from error
    except Exception as error:
        raise BrokenPicture(
            f"This {shown(kind)} file is broken or incomplete. Please fetch or save it again."
        ) from error


@contextmanager
def _warnings_as_errors(kind: str) -> Iterator[None]:
    """What a decoder warns of is an error, except where it can only concern metadata."""
    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", ".*malformed MPO file")
        warnings.filterwarnings("ignore", "Invalid APNG")
        warnings.filterwarnings("ignore", "Possibly corrupt EXIF")
        warnings.filterwarnings("ignore", "Metadata Warning")
        if kind != "TIFF":  # elsewhere, Pillow's TIFF reader reads nothing but EXIF and MPO tables
            warnings.filterwarnings("ignore", module=r"PIL\.TiffImagePlugin")
        yield
