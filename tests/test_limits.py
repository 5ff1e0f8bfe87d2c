from dataclasses import FrozenInstanceError, fields, replace

import pytest
from PIL import Image

from srgan.errors import BadOption
from srgan.limits import PILLOW_GUARD_PIXELS, Limits, limits


def test_every_limit_can_be_overridden():
    for field in fields(Limits):
        overridden = Limits.from_environment({f"SRGAN_{field.name.upper()}": "12_345"})
        assert overridden == replace(Limits(), **{field.name: 12_345})


def test_without_overrides_the_defaults_hold():
    assert Limits.from_environment({"PATH": "/bin", "SRGAN_ENGINE": "litert"}) == Limits()


@pytest.mark.parametrize("text", ["", "many", "0", "-1", "1.5", "30MB"])
def test_a_bad_value_is_told_with_its_variable(text):
    with pytest.raises(BadOption, match="SRGAN_MAX_BYTES must be a whole number from 1 up"):
        Limits.from_environment({"SRGAN_MAX_BYTES": text})


def test_a_misspelt_limit_is_told():
    with pytest.raises(BadOption, match=r"SRGAN_MAX_PIXEL.*SRGAN_MAX_PIXELS"):
        Limits.from_environment({"SRGAN_MAX_PIXEL": "1000"})


@pytest.mark.parametrize("value", [0, -5, 1.5, "7", True])
def test_a_limit_is_a_whole_number_from_1_up(value):
    with pytest.raises(BadOption, match="max_side"):
        Limits(max_side=value)


def test_the_guard_of_pillow_stays_above_our_own():
    assert Image.MAX_IMAGE_PIXELS == PILLOW_GUARD_PIXELS
    assert Limits(max_pixels=PILLOW_GUARD_PIXELS).max_pixels == PILLOW_GUARD_PIXELS
    with pytest.raises(BadOption, match="decompression bombs"):
        Limits(max_pixels=PILLOW_GUARD_PIXELS + 1)


def test_limits_are_read_once(monkeypatch):
    limits.cache_clear()
    try:
        monkeypatch.setenv("SRGAN_MAX_SIDE", "100")
        first = limits()
        monkeypatch.setenv("SRGAN_MAX_SIDE", "200")
        assert first.max_side == 100
        assert limits() is first
        with pytest.raises(FrozenInstanceError):
            first.max_side = 300  # type: ignore[misc]
    finally:
        limits.cache_clear()
