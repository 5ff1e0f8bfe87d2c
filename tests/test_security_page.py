"""SECURITY.md tells of every limit, and names tests that are there."""

import re
from dataclasses import fields
from pathlib import Path

from srgan.limits import Limits

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_limit_has_its_test():
    told = set(re.findall(r"SRGAN_MAX_\w+", PAGE))
    assert told == {f"SRGAN_{limit.name.upper()}" for limit in fields(Limits)}


def test_every_file_it_names_is_there():
    named = re.findall(r"`((?:srgan|tests)/[\w/]+(?:\.py|/))`", PAGE)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
