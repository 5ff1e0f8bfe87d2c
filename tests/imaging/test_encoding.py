import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from srgan.errors import BadOption, CannotWrite
from srgan.imaging import Picture, decode, encode, png_writing
from srgan.limits import LONGEST_SIDE, Limits
from tests.imaging import pictures
from tests.photos import photograph

LIMITS = Limits()
PHOTO = pictures.photo()
GRADIENT = pictures.gradient()

sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))


@st.composite
def any_picture(draw):
    size = draw(sizes)
    channels = draw(st.sampled_from([1, 2, 3, 4]))
    return Picture.from_array(draw(arrays(np.uint8, (*size, channels))))


def assert_same(one, other):
    np.testing.assert_array_equal(one.rgb, other.rgb)
    assert (one.alpha is None) == (other.alpha is None)
    if one.alpha is not None:
        np.testing.assert_array_equal(one.alpha, other.alpha)


@settings(deadline=None)
@given(any_picture())
def test_png_gives_every_pixel_back(picture):
    assert_same(decode(encode(picture, "PNG"), LIMITS), picture)


@settings(deadline=None)
@given(any_picture())
def test_lossless_webp_gives_every_pixel_back(picture):
    again = decode(encode(picture, "WEBP", lossless=True), LIMITS)
    np.testing.assert_array_equal(again.rgb, picture.rgb)
    # WebP leaves an alpha away that is opaque everywhere.
    opaque = np.full(picture.rgb.shape[:2], 255)
    expected = opaque if picture.alpha is None else picture.alpha
    np.testing.assert_array_equal(opaque if again.alpha is None else again.alpha, expected)


@settings(deadline=None)
@given(any_picture(), st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(1, 100))
def test_every_picture_can_be_written_and_read_again(picture, format, quality):
    again = decode(encode(picture, format, quality), LIMITS)
    assert (again.size, again.format) == (picture.size, format)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_other_programs_can_read_the_result(format):
    image = Image.open(io.BytesIO(encode(Picture(PHOTO), format, 95)))
    assert image.format == format
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - PHOTO).mean() < 4


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_gray_is_written_as_gray(format):
    data = encode(Picture.from_array(GRADIENT), format)
    assert Image.open(io.BytesIO(data)).mode == "L"
    assert decode(data, LIMITS).gray


def test_transparency_becomes_white_in_a_jpeg():
    alpha = np.zeros_like(GRADIENT)
    alpha[:, 24:] = 255
    black = Picture(np.zeros((32, 48, 3), np.uint8), alpha)
    rgb = decode(encode(black, "JPEG", 95), LIMITS).rgb
    assert rgb[:, :20].min() > 250
    assert rgb[:, 28:].max() < 5


def test_half_transparency_is_mixed_with_white():
    half = Picture(np.zeros((16, 16, 3), np.uint8), np.full((16, 16), 127, np.uint8))
    assert np.abs(decode(encode(half, "JPEG", 95), LIMITS).rgb.astype(int) - 128).max() <= 1


def test_good_jpegs_keep_the_resolution_of_colour():
    rgb = np.zeros((16, 16, 3), np.uint8)
    rgb[:, ::2, 0] = 255
    rgb[:, 1::2, 2] = 255
    for quality, sampling in ((90, (1, 1)), (89, (2, 2))):
        image = Image.open(io.BytesIO(encode(Picture(rgb), "JPEG", quality)))
        assert image.layer[0][1:3] == sampling  # type: ignore[attr-defined]


def test_quality_counts():
    small, large = (len(encode(Picture(PHOTO), "JPEG", quality)) for quality in (30, 95))
    assert small < large
    small, large = (len(encode(Picture(PHOTO), "WEBP", quality)) for quality in (30, 95))
    assert small < large
    assert encode(Picture(PHOTO), "PNG", 30) == encode(Picture(PHOTO), "PNG", 95)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_the_result_is_tagged_as_srgb_and_always_the_same(format):
    data = encode(Picture(PHOTO), format)
    info = Image.open(io.BytesIO(data)).info
    assert "srgb" in info if format == "PNG" else info["icc_profile"][36:40] == b"acsp"
    assert encode(Picture(PHOTO), format) == data


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_the_tag_can_be_left_away_and_changes_no_pixel(format):
    tagged, plain = (encode(Picture(PHOTO), format, profile=profile) for profile in (True, False))
    assert not {"srgb", "icc_profile"} & Image.open(io.BytesIO(plain)).info.keys()
    assert len(plain) < len(tagged)
    assert_same(decode(plain, LIMITS), decode(tagged, LIMITS))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_without_transparency_what_was_transparent_is_white(format):
    alpha = np.zeros_like(GRADIENT)
    alpha[:, 24:] = 255
    black = Picture(np.zeros((32, 48, 3), np.uint8), alpha)
    flat = decode(encode(black, format, 95, transparency=False), LIMITS)
    assert flat.alpha is None
    assert flat.rgb[:, :20].min() > 250
    assert flat.rgb[:, 28:].max() < 5
    assert black.alpha is alpha


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_nothing_of_the_original_metadata_is_written(format):
    secret = pictures.exif(6)
    secret[0x010E] = "home address"
    source = pictures.saved(PHOTO, "JPEG", exif=secret, comment=b"home address")
    data = encode(decode(source, LIMITS), format)
    assert b"home address" in source
    assert b"home address" not in data
    assert not Image.open(io.BytesIO(data)).getexif()


@pytest.mark.parametrize("quality", [0, 101, -1])
def test_a_quality_out_of_range(quality):
    with pytest.raises(BadOption, match="from 1 to 100"):
        encode(Picture(PHOTO), "JPEG", quality)


def test_a_lossless_jpeg_does_not_exist():
    with pytest.raises(BadOption, match="lossless"):
        encode(Picture(PHOTO), "JPEG", lossless=True)


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_the_longest_side_of_a_format_is_really_that(format):
    longest = LONGEST_SIDE[format]
    widest = Picture(np.zeros((1, longest, 3), np.uint8))
    assert Image.open(io.BytesIO(encode(widest, format))).size == (longest, 1)
    with pytest.raises(CannotWrite, match=f"{longest + 1:,} × 1 pixels"):
        encode(Picture(np.zeros((1, longest + 1, 3), np.uint8)), format)
    # The format's own encoder agrees that there is no more.
    with pytest.raises((OSError, ValueError)):
        Image.new("RGB", (longest + 1, 1)).save(io.BytesIO(), format)


def test_png_takes_whatever_the_limits_let_in():
    long = Picture(np.zeros((1, 4 * LIMITS.max_side, 3), np.uint8))
    assert Image.open(io.BytesIO(encode(long, "PNG"))).size == long.size


def lines_of_text():
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    for top in range(0, 600, 12):
        draw.text((10, top), "The quick brown fox jumps over the lazy dog. " * 3, fill="black")
    return Picture(np.asarray(image))


def enlarged_photograph():
    image = Image.fromarray(photograph(256, 192)).resize((1024, 768), Image.Resampling.BICUBIC)
    return Picture(np.asarray(image))


@pytest.mark.parametrize("make", [lines_of_text, enlarged_photograph])
def test_png_takes_the_way_that_suits_the_picture(make):
    picture = make()
    ways = png_writing.FOR_PHOTOGRAPHS, png_writing.FOR_DRAWINGS
    better, worse = sorted(len(png_writing.png(picture.rgb, way)) for way in ways)
    assert len(encode(picture, "PNG", profile=False)) == better < worse
