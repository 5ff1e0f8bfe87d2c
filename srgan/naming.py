"""Which files are pictures by their names, and what their results are called."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from srgan.imaging import extension

INPUT_ENDINGS = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "JPEG"),
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".avif": "AVIF",
    **dict.fromkeys((".heic", ".heif", ".hif"), "HEIF"),
}

_ENDING = "|".join(map(re.escape, INPUT_ENDINGS))
_PILED_ENDINGS = re.compile(rf"(?:(?:{_ENDING})(?:-\d+)?)+$")


def is_picture(name: str) -> bool:
    """Whether a file of a folder is taken for a picture, by its name; hidden ones are not."""
    return PurePath(name).suffix.lower() in INPUT_ENDINGS and not name.startswith(".")


class Wanted(NamedTuple):
    """A source, and where its result of a format would stand if no other claimed that name."""

    source: PurePath
    target: PurePath
    format: str

    @property
    def keeps_its_name(self) -> bool:
        return self.source.name == self.target.name


def wanted(source: PurePath, place: PurePath, format: str) -> Wanted:
    """What becomes of `source` if its result stands at `place`, but for the ending."""
    stem = place.stem if place.suffix.lower() in INPUT_ENDINGS else place.name
    return Wanted(source, place.with_name(stem + ending_for(format)), format)


def ending_for(format: str) -> str:
    """The ending of results of a format, tiled TIFF included, which only `batch` writes."""
    return ".tif" if format == "TIFF" else extension(format)


def names_of_their_own(all_wanted: Sequence[Wanted]) -> dict[Wanted, PurePath]:
    """A target for each, no two of them the same even where capitals do not count.

    A name that several claim goes to the one whose ending stays; the others keep theirs and get
    the new one behind it: a.jpg.png, or a.jpg-2.png where that is taken too.
    """
    once = list(dict.fromkeys(all_wanted))
    claims = Counter(_key(one.target) for one in once)
    keepers = {_key(one.target): one for one in reversed(once) if one.keeps_its_name}
    taken = set(keepers)
    targets = {}
    for one in once:
        target = one.target
        free = claims[_key(target)] == 1 and _key(target) not in taken
        if not free and keepers.get(_key(target)) != one:
            target = target.with_name(one.source.name + ending_for(one.format))
            number = 1
            while _key(target) in taken:
                number += 1
                target = target.with_name(f"{one.source.name}-{number}{ending_for(one.format)}")
        taken.add(_key(target))
        targets[one] = target
    return targets


def rivals_key(place: PurePath) -> str:
    """Equal for all places whose results may claim one name, so that each such group can be named
    by itself: a.jpg, A.png, a.jpg.png and a.jpg-2.png are one group."""
    return str(place.parent / _PILED_ENDINGS.sub("", place.name.casefold())).casefold()


def _key(path: PurePath) -> str:
    """Equal for names that are one file where capitals do not count."""
    return str(path).casefold()
