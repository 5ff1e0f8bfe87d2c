import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from srgan.imaging import Picture
from srgan.web.wanted import SAME, Wanted

CLEAR = Picture(np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint8))


@pytest.mark.parametrize(
    ("format", "original", "written"),
    [
        (SAME, "JPEG", "JPEG"),
        (SAME, "WEBP", "WEBP"),
        (SAME, "TIFF", "PNG"),
        (SAME, "HEIF", "JPEG"),
        (SAME, None, "PNG"),
        ("JPEG", "PNG", "JPEG"),
    ],
)
def test_the_same_as_the_original_where_that_is_written(format, original, written):
    wanted = Wanted(format, 70, transparency=False, profile=False)
    source: Any = SimpleNamespace(format=original, transparent=False)
    assert wanted.of(source) == Wanted(written, 70, transparency=False, profile=False)


@pytest.mark.parametrize(("original", "written"), [("HEIF", "PNG"), ("JPEG", "JPEG")])
def test_the_same_as_a_transparent_original(original, written):
    source: Any = SimpleNamespace(format=original, transparent=True)
    assert Wanted(SAME).of(source) == Wanted(written)


def opened(wanted):
    return Image.open(io.BytesIO(wanted.written(CLEAR)))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_transparency_and_profile_are_kept_or_not(format):
    assert opened(Wanted(format)).mode == "RGBA"
    assert opened(Wanted(format, transparency=False)).mode == "RGB"
    tags = {"srgb", "icc_profile"}
    assert tags & opened(Wanted(format)).info.keys()
    assert not tags & opened(Wanted(format, profile=False)).info.keys()


def test_quality_is_passed_on():
    noise = Picture(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))
    small, large = (len(Wanted("JPEG", quality).written(noise)) for quality in (20, 95))
    assert small < large
