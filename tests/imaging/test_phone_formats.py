"""HEIC, as phones write photographs, and AVIF, as pages on the web have them."""

import io

import numpy as np
import pytest
from PIL import Image

from srgan.errors import AnimatedPicture, BrokenPicture, PictureTooLarge, UnsupportedFormat
from srgan.imaging import decode, opened, sniff
from srgan.limits import Limits
from tests.imaging import heic, pictures

LIMITS = Limits()
PHOTO = pictures.photo()
GRADIENT = pictures.gradient()


def off(one, other):
    """How far pixels are off on average, in levels."""
    return np.abs(one.astype(int) - other.astype(int)).mean()


def avif(pixels, **options):
    return pictures.saved(pixels, "AVIF", **{"quality": 100, "subsampling": "4:4:4", **options})


def branded(data, major, *compatible):
    """The file with other brands in its first box."""
    brands = major + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + data[data[3] :]


@pytest.mark.parametrize(
    ("data", "format"),
    [(heic.FILES["photo"], "HEIF"), (heic.FILES["deep"], "HEIF"), (avif(PHOTO), "AVIF")],
)
def test_nearly_the_pixels(data, format):
    picture = decode(data, LIMITS)
    assert (picture.size, picture.format, picture.alpha, picture.gray) == (
        (48, 32),
        format,
        None,
        False,
    )
    assert off(picture.rgb, PHOTO) < 3


def test_gray():
    picture = decode(heic.FILES["gray"], LIMITS)
    assert picture.gray
    assert off(picture.rgb[:, :, 1], GRADIENT) < 2


def test_a_gray_heic_is_not_taken_at_its_word_about_its_depth():
    deep = heic.FILES["gray"].replace(b"\xfc\xfc\xf8", b"\xfc\xfc\xfa")  # 10 bits, in its header
    with pytest.raises(UnsupportedFormat, match="more than 8 bits"):
        decode(deep, LIMITS)


@pytest.mark.parametrize("data", [heic.FILES["alpha"], avif(np.dstack([PHOTO, GRADIENT]))])
def test_alpha(data):
    picture = decode(data, LIMITS)
    assert off(picture.alpha, GRADIENT) < 2
    assert off(picture.rgb[:, 24:], PHOTO[:, 24:]) < 3


@pytest.mark.parametrize("data", [heic.FILES["turned"], avif(PHOTO, exif=pictures.exif(6))])
def test_orientation_is_applied_once(data):
    picture = decode(data, LIMITS)
    assert picture.size == (32, 48)
    assert off(picture.rgb, np.rot90(PHOTO, -1)) < 3


@pytest.mark.parametrize(
    "data", [heic.FILES["profiled"], avif(PHOTO, icc_profile=pictures.rgb_profile())]
)
def test_a_profile_is_used_as_that_of_a_png_is(data):
    wanted = decode(pictures.saved(PHOTO, "PNG", icc_profile=pictures.rgb_profile()), LIMITS).rgb
    assert off(wanted, PHOTO) > 6
    assert off(decode(data, LIMITS).rgb, wanted) < 4


def test_a_heic_of_several_is_read_as_its_primary_picture():
    picture = decode(heic.FILES["several"], LIMITS)
    assert off(picture.rgb, PHOTO) < 9
    assert off(picture.rgb, PHOTO[::-1, ::-1]) > 20


def test_an_animated_picture_is_refused():
    film = avif(PHOTO, save_all=True, append_images=[Image.fromarray(PHOTO[::-1])])
    with pytest.raises(AnimatedPicture, match="animated"):
        decode(film, LIMITS)


@pytest.mark.parametrize("data", [heic.FILES["photo"], avif(PHOTO)])
@pytest.mark.parametrize("limits", [Limits(max_pixels=48 * 32 - 1), Limits(max_side=47)])
def test_limits_are_checked_before_pixels(data, limits, monkeypatch):
    from pi_heif.heif import HeifImage
    from PIL.AvifImagePlugin import AvifImageFile

    for decoder in (HeifImage, AvifImageFile):
        monkeypatch.setattr(decoder, "load", lambda self: pytest.fail("pixels were decoded"))
    with pytest.raises(PictureTooLarge, match="48 × 32"):
        decode(data, limits)


@pytest.mark.parametrize(("data", "name"), [(heic.FILES["photo"], "HEIC"), (avif(PHOTO), "AVIF")])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9])
def test_half_a_picture_is_broken(data, name, part):
    with pytest.raises(BrokenPicture, match=f"This {name} file is broken"):
        decode(data[: int(len(data) * part)], LIMITS)


def test_brands_tell_what_is_in_the_box():
    photo, other = heic.FILES["photo"], avif(PHOTO)
    for data, codec, kind in ((photo, b"heic", "HEIF"), (other, b"avif", "AVIF")):
        any_codec = branded(data, b"mif1", b"miaf", codec)
        assert sniff(data[:12]) == sniff(any_codec[:64]) == kind
    assert sniff(branded(photo, b"mif1", b"miaf")[:64]) is None
    assert sniff(branded(photo, b"mp42", b"isom")[:64]) is None
    with pytest.raises(UnsupportedFormat, match="animated HEIF"):
        decode(branded(photo, b"msf1", b"hevc"), LIMITS)
    with pytest.raises(UnsupportedFormat, match="HEIF, compressed neither as HEIC nor as AVIF"):
        decode(branded(photo, b"mif1", b"miaf"), LIMITS)


def test_a_heic_tells_its_size_as_it_is_seen():
    with opened(io.BytesIO(heic.FILES["turned"]), "HEIF") as image:
        assert image.size == (32, 48)
