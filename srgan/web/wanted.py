"""How a result is to be written. None of it decides a pixel, so none of it runs a network."""

from __future__ import annotations

from dataclasses import dataclass, replace

from srgan import imaging
from srgan.imaging import Picture
from srgan.sandbox import sandbox

SAME = "same"


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

    def of(self, original: str | None) -> Wanted:
        """The same with a format that is written, for a picture whose own format is `original`."""
        if self.format != SAME:
            return self
        return replace(self, format=imaging.output_format_for(original))

    def written(self, picture: Picture) -> bytes:
        """`picture` as a file. Raises `CannotWrite`."""
        return sandbox().encode(
            picture,
            self.format,
            self.quality,
            transparency=self.transparency,
            profile=self.profile,
        )
