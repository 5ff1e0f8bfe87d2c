"""How a result is to be written. None of it decides a pixel, so none of it runs a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from srgan import imaging
from srgan.imaging import Picture
from srgan.sandbox import sandbox

if TYPE_CHECKING:
    from srgan.web.results import Source

SAME = "same"

_NUMBER = re.compile("[0-9]{1,3}")


@dataclass(frozen=True)
class Wanted:
    """`format` is "PNG", "JPEG", "WEBP", or `SAME` for that of the original.

    quality: 1 to 100, None for the format's default. transparency: whether it is kept; else what is
    transparent becomes white. profile: whether the file says that its colours are sRGB.
    """

    format: str = SAME
    quality: int | None = None
    transparency: bool = True
    profile: bool = True

    def query(self) -> str:
        """All of it, as the query of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value is not None})

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Wanted | None:
        """What `query` was made of; None for what it never makes."""
        format, quality = query.get("format"), query.get("quality")
        if format not in (SAME, *imaging.OUTPUT_FORMATS):
            return None
        if quality is not None and not (_NUMBER.fullmatch(quality) and 1 <= int(quality) <= 100):
            return None
        kept = (query.get(name) == "True" for name in ("transparency", "profile"))
        return cls(format, None if quality is None else int(quality), *kept)

    def of(self, original: Source) -> Wanted:
        """The same with a format that is written."""
        if self.format != SAME:
            return self
        return replace(
            self, format=imaging.output_format_for(original.format, original.transparent)
        )

    def written(self, picture: Picture) -> bytes:
        """`picture` as a file. Raises `CannotWrite`."""
        return sandbox().encode(
            picture,
            self.format,
            self.quality,
            transparency=self.transparency,
            profile=self.profile,
        )
