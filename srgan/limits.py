"""Every limit of the program in one place, each overridable by an environment variable.

`max_bytes` is overridden by SRGAN_MAX_BYTES, and so on: the field's name in capitals after SRGAN_.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
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
_MILLIONS = ("MB", "megapixels")


def _limit(default: int, unit: str, meaning: str) -> int:
    """A field; `unit` and `meaning` are what people are told of it."""
    return field(default=default, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True)
class Limits:
    """What the program accepts. All values are whole numbers from 1 up; else BadOption is raised.

    max_bytes: Cloud Run refuses requests above 32 MiB.
    max_pixels: width times height, from the header, before decoding. A result has 16 times as
        many, 3 bytes each: 806 MB at this default, and as much again while encoding. It covers
        the 12 and 16 megapixels of most phones, and is what imgproxy allows.
    max_side: four times it just exceeds what a JPEG can hold, and `imaging.check_output_size`
        tells that.
    max_profile_bytes: a larger one is not used. Those of presses, the largest in use, have up to
        3 MB.
    max_scans: editors write about 10; each takes 12 ms or more on 16.8 megapixels however few
        bytes it has, and 30 MB have room for a million.
    max_decode_seconds: of processor time, in the page's server. The slowest good picture measured,
        a CMYK JPEG of 16.8 megapixels with a profile, takes 2.1.
    max_decode_memory: bytes that a codec in the page's server may take beyond what it starts with.
        The good picture that takes most, a turned WebP of 16.8 megapixels with a profile and
        transparency, takes 470 MB. Writing a result may take 4 times as much, and 20 times as long,
        for each `max_pixels` of it.
    max_running: one already keeps all cores busy.
    max_waiting: a quarter of them is for the page; programs find the line full before.
    max_result_bytes: they wait on the disk, which on Cloud Run is memory.
    max_seconds: Cloud Run gives it as long unless told otherwise.
    """

    max_bytes: int = _limit(30_000_000, "MB", "a picture's file")
    max_pixels: int = _limit(16_800_000, "megapixels", "width times height of a picture")
    max_side: int = _limit(16_384, "pixels", "longer side of a picture")
    max_profile_bytes: int = _limit(4_000_000, "MB", "a colour profile that is used")
    max_scans: int = _limit(100, "", "passes of a progressive JPEG")
    max_decode_seconds: int = _limit(5, "seconds", "processor time to decode a picture")
    max_decode_memory: int = _limit(512_000_000, "MB", "memory to decode a picture")
    max_running: int = _limit(2, "", "pictures upscaled at a time by the server")
    max_waiting: int = _limit(16, "", "pictures waiting in the server")
    max_pictures: int = _limit(10, "", "pictures of one visitor on the page at a time")
    max_seconds: int = _limit(300, "seconds", "a request to the API, waiting included")
    max_idle_seconds: int = _limit(30, "seconds", "waiting for a client to send or take data")
    max_upload_bytes: int = _limit(1_000_000_000, "MB", "uploads of all visitors together")
    max_result_bytes: int = _limit(2_000_000_000, "MB", "results kept for all visitors together")
    max_connections: int = _limit(500, "", "connections to the server at a time")

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise BadOption(
                    f"The limit {limit.name} must be a whole number from 1 up, not {value!r}."
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
        names = {_variable(limit.name): limit.name for limit in fields(cls)}
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


@dataclass(frozen=True)
class Line:
    """One limit for people: "30 MB" for `shown`, with `value` the number behind it."""

    name: str
    variable: str
    value: int
    default: int
    shown: str
    meaning: str


def lines(limits: Limits) -> list[Line]:
    """All of `limits`, in their order."""
    return [
        Line(
            limit.name,
            _variable(limit.name),
            value := getattr(limits, limit.name),
            limit.default,  # type: ignore[arg-type]
            _shown(value, limit.metadata["unit"]),
            limit.metadata["meaning"],
        )
        for limit in fields(limits)
    ]


def _shown(value: int, unit: str) -> str:
    if unit not in _MILLIONS:
        return f"{value:,} {unit}".rstrip()
    return f"{value / 1e6:,.6f}".rstrip("0").rstrip(".") + f" {unit}"


def _variable(name: str) -> str:
    return _PREFIX + name.upper()


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
