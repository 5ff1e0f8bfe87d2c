"""What a result was made from, so that a second run knows whether it may stay."""

import hashlib
import json
from collections.abc import Callable, Container
from dataclasses import dataclass
from enum import Enum, auto

from srgan.bilevel import CONTRAST, SIGMA
from srgan.cleanness import EVERYTHING, NOTHING
from srgan.tone import CLEAN_OFF, DENOISED_OFF
from srgan.upscaler import Options
from srgan.zoo import Zoo


@dataclass(frozen=True)
class Source:
    """A source's state: bytes, when it was last modified (seconds since 1970), SHA-256."""

    bytes: int
    modified: float
    sha256: str


@dataclass(frozen=True)
class Record:
    """One result: its size in bytes, the source it was made from, and `settings_of` the run.

    origin: where that source was; None where an older version has written the record.
    """

    result_bytes: int
    source: Source
    settings: str
    origin: str | None = None


class Verdict(Enum):
    """What becomes of a result that exists."""

    STAYS = auto()
    AGAIN = auto()
    OF_ANOTHER = auto()


def settings_of(zoo: Zoo, options: Options, quality: int | None) -> str:
    """Equal for runs that make equal results: the networks' hashes and all options, hashed."""
    network = zoo.model(options.model or zoo.default)
    autoencoder = zoo.autoencoder_for(network) if options.denoise > 0 else None
    facts = {
        "network": network.sha256,
        "window": network.window,
        "halo": network.halo,
        "autoencoder": autoencoder.sha256 if autoencoder else None,
        "denoise": options.denoise,
        "cleaned": (NOTHING, EVERYTHING) if autoencoder else None,
        "toned": (CLEAN_OFF, DENOISED_OFF),
        "drawn": (SIGMA, CONTRAST),
        "scale": None if options.width else options.scale,
        "width": options.width,
        "quality": quality,
    }
    return sha256(json.dumps(facts, sort_keys=True).encode())[:16]


def verdict(
    record: Record | None,
    result_bytes: int,
    settings: str,
    origins: Container[str | None],
    is_same: Callable[[Record], bool],
) -> Verdict:
    """Whether a result that exists is skipped, made again, or left to the source that it is of.

    What no run has recorded, or what was changed afterwards, may be somebody's own and stays. What
    was made from the same bytes (`is_same` tells that) is made again only
    with other options, wherever the source was then. Other bytes are a newer version of the source
    if they come from its place, and else another picture, whose result may be all that is left of
    it; unless that one is among this run's sources, `origins`, and gets a result of its own.
    """
    if record is None or record.result_bytes != result_bytes:
        return Verdict.STAYS
    if is_same(record):
        return Verdict.STAYS if record.settings == settings else Verdict.AGAIN
    known = record.origin is not None and record.origin not in origins
    return Verdict.OF_ANOTHER if known else Verdict.AGAIN


def same_source(
    record: Record, origin: str | None, size: int, modified: float, digest: Callable[[], str]
) -> bool:
    """Whether a source of `size` bytes at `origin`, last `modified` then, is the recorded one.

    Its SHA-256, `digest`, is compared only where the size is the same and the time is not, as that
    of a copy of a folder often is, or where it is elsewhere: the files of a camera or of a ZIP may
    well have one time and one size.
    """
    if record.source.bytes != size:
        return False
    elsewhere = record.origin is not None and record.origin != origin
    if record.source.modified == modified and not elsewhere:
        return True
    return record.source.sha256 == digest()


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
