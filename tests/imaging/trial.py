"""Decode bad files one after the other in this process, and tell of each what it cost.

`python -m tests.imaging.trial` tries all of `corpus` and prints figures; `--lines` prints a line of
JSON for each file, before and after it, so that one that ends the process is known.
"""

import json
import re
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from srgan import heap
from srgan.errors import SrganError
from srgan.imaging import decode
from srgan.limits import Limits
from tests.imaging import corpus

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Verdict:
    """What became of a file: "Picture", the name of one of our errors, or another exception's.

    seconds: of processor time. megabytes: the most of a process that does nothing but decode it.
    """

    name: str
    outcome: str
    foreseen: bool
    sentence: str
    seconds: float
    megabytes: float


def tried(name: str, data: bytes) -> Verdict:
    """Decode as a server would; whatever is raised is told."""
    corpora = _megabytes("VmRSS") - _ALONE  # what this process holds to make the next files of
    _forget_the_most()
    started = time.process_time()
    outcome, foreseen, sentence = "Picture", True, ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            decode(data, Limits())
        except SrganError as error:
            outcome, sentence = type(error).__name__, str(error)
        except BaseException as error:  # noqa: BLE001 - that is what is looked for
            outcome, foreseen, sentence = type(error).__name__, False, str(error)
    seconds = time.process_time() - started
    return Verdict(name, outcome, foreseen, sentence, seconds, _most() - corpora)


def _forget_the_most() -> None:
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def _most() -> float:
    """In megabytes, since it was last forgotten."""
    return _megabytes("VmHWM")


def _megabytes(kind: str) -> float:
    found = re.search(rf"{kind}:\s+(\d+) kB", _STATUS.read_text())
    assert found is not None
    return int(found[1]) * 1024 / 1e6


_ALONE = _megabytes("VmRSS")


def main() -> None:
    heap.give_back()  # as programs do; what is freed is not held then
    files: Iterable[corpus.File] = [*corpus.small()] if "--small" in sys.argv else corpus.small()
    if "--small" not in sys.argv:
        files = (file for part in (corpus.small(), corpus.large()) for file in part)
    lines = "--lines" in sys.argv
    verdicts = []
    for name, data in files:
        if lines:
            print(json.dumps({"trying": name}), flush=True)
        verdict = tried(name, data)
        verdicts.append(verdict)
        if lines:
            print(json.dumps(asdict(verdict)), flush=True)
    if not lines:
        print(figures(verdicts))


def figures(verdicts: list[Verdict]) -> str:
    """What stands in SECURITY.md."""
    slowest = max(verdicts, key=lambda verdict: verdict.seconds)
    largest = max(verdicts, key=lambda verdict: verdict.megabytes)
    read = sum(verdict.outcome == "Picture" for verdict in verdicts)
    unforeseen = sum(not verdict.foreseen for verdict in verdicts)
    return (
        f"{len(verdicts)} bad files: {read} read, {len(verdicts) - read - unforeseen} refused, "
        f"{unforeseen} unforeseen; "
        f"at worst {slowest.seconds:.1f} s ({slowest.name}) "
        f"and {largest.megabytes:.0f} MB ({largest.name})"
    )


if __name__ == "__main__":
    main()
