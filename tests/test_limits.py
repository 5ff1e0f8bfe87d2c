import json
import tomllib
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest
from PIL import Image

from srgan import cli
from srgan.errors import BadOption
from srgan.limits import LONGEST_SIDE, PILLOW_GUARD_PIXELS, Limits, limits, lines

ROOT = Path(__file__).parents[1]


@pytest.fixture
def fresh():
    """Limits that are read from the environment anew, for this test only."""
    limits.cache_clear()
    yield
    limits.cache_clear()


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


def test_limits_are_read_once(monkeypatch, fresh):
    monkeypatch.setenv("SRGAN_MAX_SIDE", "100")
    first = limits()
    monkeypatch.setenv("SRGAN_MAX_SIDE", "200")
    assert first.max_side == 100
    assert limits() is first
    with pytest.raises(FrozenInstanceError):
        first.max_side = 300  # type: ignore[misc]


# What people are told


def test_every_limit_is_told_with_its_variable_and_a_meaning():
    told = lines(Limits(max_bytes=2_500_000))
    assert [line.name for line in told] == [limit.name for limit in fields(Limits)]
    assert all(line.meaning and line.variable == f"SRGAN_{line.name.upper()}" for line in told)
    assert (told[0].shown, told[0].value, told[0].default) == ("2.5 MB", 2_500_000, 30_000_000)


def test_the_readme_tells_every_limit_as_it_is():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in lines(Limits()):
        assert f"| {line.meaning} | {line.shown} | `{line.variable}` |" in readme
    for name, side in LONGEST_SIDE.items():
        shown = {"WEBP": "WebP"}.get(name, name)
        assert f"{shown} {side:,}" in readme


def test_streamlit_takes_no_more_than_the_page():
    """Its own limit is in a file of settings, which cannot ask `limits`."""
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] * 1_000_000 == Limits().max_bytes


def test_the_command_prints_what_is_in_force(monkeypatch, fresh, capsys):
    monkeypatch.setenv("SRGAN_MAX_SIDE", "5000")
    assert cli.main(["limits"]) == 0
    printed = capsys.readouterr().out.splitlines()
    for line, limit in zip(printed, lines(limits()), strict=False):
        assert line.startswith(limit.variable)
        assert line.endswith(limit.meaning)
        assert limit.shown in line
    assert [line for line in printed if "*" in line and "SRGAN_MAX_SIDE" in line]


def test_the_command_prints_the_same_for_programs(monkeypatch, fresh, capsys):
    monkeypatch.setenv("SRGAN_MAX_SIDE", "5000")
    assert cli.main(["limits", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    told = {limit["name"]: limit["value"] for limit in document["limits"]}
    assert told == {limit.name: getattr(limits(), limit.name) for limit in fields(Limits)}
    assert told["max_side"] == 5000
    assert document["longest_side_of_a_result"] == LONGEST_SIDE
