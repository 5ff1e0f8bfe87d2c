"""Reading what may be anything, and writing so that no half file is ever seen."""

import contextlib
import fnmatch
import os
import secrets
import sys
import time
from pathlib import Path

from srgan.errors import BrokenPicture, CannotWrite

_BESIDE, _PART = ".srgan-", ".part"
_SECONDS_OF_AN_HOUR = 3600


def read(source: Path | None, at_most: int) -> bytes:
    """The bytes of a file or, for None, of standard input; at most one more than `at_most`.

    Raises BrokenPicture for what cannot be read.
    """
    if source is None and sys.stdin is None:
        raise BrokenPicture("It is closed.")
    try:
        if source is None:
            return sys.stdin.buffer.read(at_most + 1)
        with source.open("rb") as file:
            return file.read(at_most + 1)
    except OSError as error:
        raise BrokenPicture(f"The file cannot be read: {error.strerror}.") from error


def write(target: Path | None, data: bytes) -> None:
    """Put `data` into a file, whole or not at all, or on standard output for None.

    The file is written beside its place and then renamed; missing folders are made. What is no
    ordinary file, as a named pipe, is written into. Raises CannotWrite, and BrokenPipeError where
    the reader of standard output has gone.
    """
    if target is None:
        _to_standard_output(data)
        return
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.") from error


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed while writing have left below `folder`.

    Files of the last hour stay: somebody may be writing them.
    """
    for here, _, files in os.walk(folder):
        for part in fnmatch.filter(files, f"{_BESIDE}*{_PART}"):
            path = os.path.join(here, part)
            with contextlib.suppress(OSError):  # somebody else was quicker
                if time.time() - os.path.getmtime(path) > _SECONDS_OF_AN_HOUR:
                    os.unlink(path)


def _to_standard_output(data: bytes) -> None:
    if sys.stdout is None:
        raise CannotWrite("Standard output is closed.")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotWrite(f"Standard output cannot be written: {error.strerror}.") from error


def _replace(target: Path, data: bytes) -> None:
    beside = target.with_name(f"{_BESIDE}{secrets.token_hex(8)}{_PART}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
