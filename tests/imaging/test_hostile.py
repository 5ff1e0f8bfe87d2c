"""Whatever bytes come in: a picture or one of our errors, and no warning."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from srgan.errors import SrganError
from srgan.imaging import Picture, decode
from srgan.limits import Limits
from tests.imaging import pictures

LIMITS = Limits()


def good_files():
    colour = pictures.photo(24, 18)
    gray = pictures.gradient(24, 18)
    image = Image.fromarray(colour)
    turned = pictures.exif(6)
    profile = pictures.rgb_profile()
    return [
        pictures.saved(image, "PNG", exif=turned, icc_profile=profile),
        pictures.saved(image.quantize(16), "PNG", transparency=bytes([0, 100])),
        pictures.saved(gray.astype(np.uint16) * 257, "PNG"),
        pictures.saved(gray, "PNG", save_all=True, append_images=[Image.fromarray(gray)]),
        pictures.png(gray, 8, 0, tRNS=b"\0\x07"),
        pictures.saved(image, "JPEG", exif=turned, icc_profile=profile),
        pictures.saved(image, "JPEG", progressive=True),
        pictures.saved(image.convert("CMYK"), "JPEG", icc_profile=pictures.cmyk_profile()),
        pictures.saved(
            image, "MPO", save_all=True, append_images=[Image.fromarray(gray)], exif=turned
        ),
        pictures.saved(image, "WEBP", exif=turned, icc_profile=profile),
        pictures.saved(np.dstack([colour, gray]), "WEBP", lossless=True),
        pictures.saved(image, "WEBP", save_all=True, append_images=[Image.fromarray(gray)]),
        pictures.saved(image, "BMP"),
        pictures.saved(image.quantize(16), "BMP"),
        pictures.saved(image.convert("1"), "BMP"),
        pictures.saved(image, "TIFF", exif=turned, icc_profile=profile),
        pictures.saved(image, "TIFF", compression="tiff_lzw"),
        pictures.saved(image, "TIFF", compression="jpeg"),
        pictures.saved(image.convert("1"), "TIFF", compression="group4"),
        pictures.saved(
            gray.astype(np.uint16), "TIFF", save_all=True, append_images=[Image.fromarray(gray)]
        ),
    ]


FILES = good_files()


def check(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            outcome: Picture | str = decode(data, LIMITS)
        except SrganError as error:
            outcome = str(error)
    assert isinstance(outcome, Picture) or outcome.endswith(".")


few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=20_000)


@st.composite
def damaged_files(draw):
    """A good file, cut, with bytes changed (mostly near its beginning), or spliced with another."""
    data = bytearray(draw(st.sampled_from(FILES)))
    at = st.integers(0, len(data) - 1) | st.integers(0, min(len(data) - 1, 150))
    if draw(st.booleans()):
        values = st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255)
        for place, value in draw(st.lists(st.tuples(at, values), min_size=1, max_size=8)):
            data[place] = value
    if draw(st.booleans()):
        data = data[: draw(at)]
    if draw(st.integers(0, 9)) == 0:
        other = draw(st.sampled_from(FILES))
        data += other[draw(st.integers(0, len(other) - 1)) :]
    return bytes(data)


@few
@given(damaged_files())
def test_damaged_files(data):
    check(data)


@pytest.mark.slow
@many
@given(damaged_files())
def test_many_damaged_files(data):
    check(data)


@few
@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\1\0\0WEBPVP8 ", b"BM", b"II*\0", b"MM\0*"]
    )
    | st.just(b""),
    st.binary(max_size=200),
)
def test_bytes_at_random_after_a_good_beginning(magic, rest):
    check(magic + rest)


@pytest.mark.parametrize("index", range(len(FILES)))
def test_cuts_at_every_place_of_the_beginning(index):
    data = FILES[index]
    for length in range(min(len(data), 100)):
        check(data[:length])
