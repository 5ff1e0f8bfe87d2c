"""Every limit of the program in one place, each overridable by an environment variable.

`max_bytes` is overridden by SRGAN_MAX_BYTES, and so on: the field's name in capitals after SRGAN_.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from srgan.errors import BadOption

# Above this, Pillow's guard against decompression bombs speaks up; the guard is never switched off.
PILLOW_GUARD_PIXELS = 89_478_485

# What each output format can hold, in pixels along one side.
LONGEST_SIDE = {
    "PNG": 1_000_000,  # 2³¹ − 1 in the format, one million in libpng (PNG_USER_WIDTH_MAX)
    "JPEG": 65_500,  # the format's fields hold 65,535, libjpeg's JPEG_MAX_DIMENSION is 65,500
    "WEBP": 16_383,  # 14 bits, see the WebP container specification
}

_PREFIX = "SRGAN_"


@dataclass(frozen=True)
class Limits:
    """What the program accepts. All values are whole numbers from 1 up; else BadOption is raised.

    max_bytes: size of a picture's file. Cloud Run refuses requests above 32 MiB.
    max_pixels: width times height of an input, from its header, before it is decoded. A result has
        16 times as many, 3 bytes each: 806 MB at this default, and as much again while encoding.
        It covers the 12 and 16 megapixels of most phones, and is what imgproxy allows.
    max_side: the longer side of an input. Four times it just exceeds what a JPEG can hold, and
        `imaging.check_output_size` tells that.
    max_profile_bytes: size of an embedded colour profile; a larger one is not used. Those of
        presses, the largest in use, have up to 3 MB.
    max_scans: passes over a progressive JPEG. Editors write about 10; each takes 12 ms or more on
        16.8 megapixels however few bytes it has, and 30 MB have room for a million.
    max_running: pictures upscaled at a time. One already keeps all cores busy.
    max_waiting: pictures that may wait for their turn; further ones are refused.
    max_pictures: pictures that one visitor may have on the page at a time.
    max_seconds: what a request to the HTTP API may take, waiting included. Cloud Run gives it as
        long unless told otherwise.
    """

    max_bytes: int = 30_000_000
    max_pixels: int = 16_800_000
    max_side: int = 16_384
    max_profile_bytes: int = 4_000_000
    max_scans: int = 100
    max_running: int = 2
    max_waiting: int = 16
    max_pictures: int = 10
    max_seconds: int = 300

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise BadOption(
                    f"The limit {field.name} must be a whole number from 1 up, not {value!r}."
                )
        if self.max_pixels > PILLOW_GUARD_PIXELS:
            raise BadOption(
                f"The limit max_pixels can be at most {PILLOW_GUARD_PIXELS:,}, where the guard "
                f"against decompression bombs begins, not {self.max_pixels:,}."
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Limits":
        """The limits as set by SRGAN_MAX_… in `environment` (by default the process's own).

        Raises BadOption for a value that is no whole number from 1 up, and for a variable that
        begins with SRGAN_MAX_ and names no limit: a limit with a typing error is not in force.
        """
        environment = os.environ if environment is None else environment
        names = {_PREFIX + field.name.upper(): field.name for field in fields(cls)}
        values = {}
        for variable, text in environment.items():
            if variable in names:
                values[names[variable]] = _whole_number(variable, text)
            elif variable.startswith(_PREFIX + "MAX_"):
                known = ", ".join(names)
                raise BadOption(
                    f"There is no limit for the environment variable {variable}. Known: {known}."
                )
        return cls(**values)


def _whole_number(variable: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise BadOption(
            f"The environment variable {variable} must be a whole number from 1 up, not {text!r}."
        )
    return value


@cache
def limits() -> Limits:
    """The limits of this process, read from its environment once. Raises BadOption."""
    return Limits.from_environment()
