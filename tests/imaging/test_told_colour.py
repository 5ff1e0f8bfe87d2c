"""Colour that files tell without a profile: by numbers, code points, or a camera's mark."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from srgan.imaging import decode
from srgan.imaging.boxes import colour_codes
from srgan.imaging.colour_codes import profile_of_codes
from srgan.imaging.matrix_profile import ADOBE_RGB, BT709, BT2020, D65, DISPLAY_P3
from srgan.limits import Limits
from tests.imaging import heic, pictures

LIMITS = Limits()
PHOTO = pictures.photo()
GRADIENT = pictures.gradient()

SRGB, P3, PQ, HLG = (1, 13), (12, 13), (9, 16), (9, 18)
ADOBE_GAMMA = 2.19921875


def srgb_light(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def power(gamma):
    return lambda values: values**gamma


def seen(pixels, primaries, light):
    """What sRGB shows of pixels of other primaries with white D65 and a curve: float, in levels."""
    there, here = _to_xyz(primaries), _to_xyz(BT709)
    linear = light(pixels / 255) @ (np.linalg.inv(here) @ there).T
    linear = np.clip(linear, 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return 255 * coded


def _to_xyz(primaries):
    def light(x, y):
        return np.array([x / y, 1, (1 - x - y) / y])

    columns = np.array([light(*point) for point in primaries]).T
    return columns * np.linalg.solve(columns, light(*D65))


def png(pixels=PHOTO, **chunks):
    return pictures.png(pixels, 8, 2 if pixels.ndim == 3 else 0, **chunks)


def chrm(primaries):
    points = np.array([D65, *primaries]).ravel()
    return struct.pack(">8I", *(round(it * 100_000) for it in points))


def gama(gamma):
    return struct.pack(">I", round(100_000 / gamma))


def with_codes(codes):
    """AVIF and HEIC of `PHOTO`, as sRGB, with other code points."""
    files = [pictures.saved(PHOTO, "AVIF", quality=100, subsampling="4:4:4"), heic.FILES["photo"]]
    for data in files:
        assert colour_codes(data) == SRGB
    return [data.replace(b"nclx\0\1\0\r", b"nclx" + struct.pack(">HH", *codes)) for data in files]


@pytest.mark.parametrize(
    ("chunks", "primaries", "light"),
    [
        ({"cICP": bytes([12, 13, 0, 1])}, DISPLAY_P3, srgb_light),
        ({"cICP": bytes([9, 1, 0, 1])}, BT2020, srgb_light),
        ({"cICP": bytes([1, 8, 0, 1])}, BT709, power(1)),
        ({"gAMA": gama(1)}, BT709, power(1)),
        ({"gAMA": gama(1.8)}, BT709, power(1.8)),
        ({"gAMA": gama(2.2), "cHRM": chrm(ADOBE_RGB)}, ADOBE_RGB, power(2.2)),
        ({"cICP": bytes([12, 13, 0, 1]), "gAMA": gama(1)}, DISPLAY_P3, srgb_light),
    ],
)
def test_a_png_tells_by_numbers(chunks, primaries, light):
    found = decode(png(**chunks), LIMITS).rgb
    wanted = seen(PHOTO, primaries, light)
    assert np.abs(wanted - PHOTO).max() > 15, "there is something to be seen"
    assert np.abs(found - wanted).max() < 1.5


@pytest.mark.parametrize(
    "chunks",
    [
        {"gAMA": gama(2.2)},
        {"gAMA": gama(2.2), "cHRM": chrm(BT709)},
        {"sRGB": b"\0", "gAMA": gama(1)},
        {"cICP": bytes([1, 13, 0, 1]), "gAMA": gama(1)},
        {"cHRM": chrm(BT709)},
        {"gAMA": bytes(4)},
        {"gAMA": gama(1), "cHRM": bytes(32)},
        {"gAMA": gama(1), "cHRM": b"\xff" * 32},
        {"cICP": b"\t"},
        {"cICP": bytes([77, 99, 0, 1])},
    ],
)
def test_a_png_of_srgb_or_of_numbers_without_sense_stays_as_it_is(chunks):
    np.testing.assert_array_equal(decode(png(**chunks), LIMITS).rgb, PHOTO)


def test_a_gray_png_stays_gray():
    picture = decode(png(GRADIENT, gAMA=gama(1)), LIMITS)
    assert picture.gray
    wanted = seen(np.dstack([GRADIENT] * 3), BT709, power(1))
    assert np.abs(picture.rgb - wanted).max() < 1.5


def test_heic_and_avif_tell_by_code_points():
    for data, plain in zip(with_codes(P3), with_codes(SRGB), strict=True):
        before = decode(plain, LIMITS).rgb
        wanted = seen(before, DISPLAY_P3, srgb_light)
        assert np.abs(wanted - before).max() > 20
        assert np.abs(decode(data, LIMITS).rgb - wanted).max() < 1.5


def test_a_profile_counts_more_than_code_points():
    codes, profile = b"nclx\0\1\0\r", pictures.srgb_profile()
    data = pictures.saved(PHOTO, "AVIF", quality=100, icc_profile=profile)
    wide = data.replace(codes, b"nclx" + struct.pack(">HH", *P3))
    np.testing.assert_array_equal(decode(wide, LIMITS).rgb, decode(data, LIMITS).rgb)


@pytest.mark.parametrize(("codes", "paper"), [(PQ, 148), (HLG, 191)])
def test_high_dynamic_range_keeps_paper_white_and_what_is_brighter_apart(codes, paper):
    """Both codes are those of 203 cd/m² (ITU-R BT.2408, table 1: 58 and 75 %)."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)
    levels = decode(png(ramp, cICP=bytes([*codes, 0, 1])), LIMITS).rgb[0]
    assert np.ptp(levels.astype(int), axis=1).max() <= 1, "gray stays gray"
    gray = levels[:, 0].astype(int)
    assert (np.diff(gray) >= 0).all()
    assert gray[0] == 0
    assert 235 <= gray[paper] <= 250
    assert gray[-1] == 255
    assert gray[paper + 20] > gray[paper]


@pytest.mark.parametrize("codes", [SRGB, (2, 2), (1, 1), (1, 6), (5, 2), (0, 0), (65_535, 65_535)])
def test_codes_of_srgb_and_unknown_ones_ask_for_nothing(codes):
    assert profile_of_codes(*codes) is None


def test_a_camera_marks_adobe_rgb():
    marked = Image.Exif()
    marked.get_ifd(0x8769)[0xA005] = {1: "R03", 2: b"0100"}
    options = {"quality": 100, "subsampling": "4:4:4"}
    plain = decode(pictures.saved(PHOTO, "JPEG", **options), LIMITS).rgb
    data = pictures.saved(PHOTO, "JPEG", exif=marked, **options)
    wanted = seen(plain, ADOBE_RGB, power(ADOBE_GAMMA))
    assert np.abs(wanted - plain).max() > 20
    assert np.abs(decode(data, LIMITS).rgb - wanted).max() < 1.5
    np.testing.assert_array_equal(decode(data.replace(b"R03", b"R98"), LIMITS).rgb, plain)


WHOLE = with_codes(P3)[1]


@given(st.integers(0, len(WHOLE)))
def test_boxes_that_are_cut_off_tell_nothing_or_the_same(length):
    assert colour_codes(WHOLE[:length]) in (None, P3)


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=8))
def test_broken_boxes_raise_nothing(changes):
    broken = bytearray(WHOLE)
    for place, value in changes:
        broken[place] = value
    colour_codes(bytes(broken))
