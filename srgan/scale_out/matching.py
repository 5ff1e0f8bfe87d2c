"""Which files are read: a folder, a glob or a file to places below a root."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from apache_beam.io.filesystem import FileMetadata
from apache_beam.io.filesystems import FileSystems

from srgan.errors import BadOption
from srgan.folders import walk
from srgan.naming import is_picture
from srgan.scale_out.files import is_local
from srgan.scale_out.order import LISTS, Failure, Found

_WILDCARD = re.compile(r"[*?\[]")


def pattern_and_root(given: str) -> tuple[str, str]:
    """What to match for an input, and the folder that its places are told from.

    A folder is taken with all that is below it; the root of a glob is the last folder before its
    first wildcard. Links are followed up to the root, so that a folder has one address however it
    is spelled. Raises BadOption where a local input is missing.
    """
    if is_local(given):
        return _local_pattern_and_root(str(Path(given)))
    wildcard = _WILDCARD.search(given)
    if wildcard is not None:
        return given, given[: wildcard.start()].rpartition("/")[0]
    if FileSystems.exists(given):
        return given, given.rpartition("/")[0]
    return f"{given.rstrip('/')}/**", given.rstrip("/")


def _local_pattern_and_root(given: str) -> tuple[str, str]:
    if os.path.isdir(given):
        root = os.path.realpath(given)
        return os.path.join(_literally(root), "**"), root
    if os.path.isfile(given):
        folder, name = os.path.split(given)
        pattern = _literally(name)
    else:
        wildcard = _WILDCARD.search(given)
        if wildcard is None:
            raise BadOption(f"There is no file and no folder {given}.")
        folder, name = os.path.split(given[: wildcard.start()])
        pattern = name + given[wildcard.start() :]
    root = os.path.realpath(folder)
    return os.path.join(_literally(root), pattern), root


def absolute(folder: str) -> str:
    """A folder's address as matched files' addresses begin."""
    return os.path.realpath(folder) if is_local(folder) else folder.rstrip("/")


def is_pattern(address: str) -> bool:
    """Whether Beam takes an address for a pattern, where it takes patterns."""
    return _WILDCARD.search(address) is not None


def unread(given: str, output: str, say: Callable[[str], None]) -> list[Failure]:
    """What matching leaves out of a local folder without a word, since it cannot be read.

    `say` is told of links to folders, which are not followed.
    """
    if not is_local(given) or not os.path.isdir(given):
        return []
    failures = []
    root = os.path.realpath(given)

    def fail(error: OSError) -> None:
        place = _in_utf8(os.path.relpath(error.filename, root))
        reason = f"It cannot be read: {error.strerror}."
        failures.append(Failure(place, reason, type(error).__name__, "match"))

    for here, names in walk(root, output, fail, say):
        for name in filter(is_picture, names):
            try:
                os.stat(os.path.join(here, name))
            except OSError as error:
                fail(error)
    return failures


def found(metadata: FileMetadata, root: str, output: str) -> Iterator[Found]:
    """The picture that a matched file is; nothing for other and hidden files, and for results.

    The place of a file whose name is not UTF-8 is written as Python writes such names.
    """
    place = place_below(root, metadata.path)
    if place is None or place_below(output, metadata.path) is not None:
        return
    hidden = any(part.startswith(".") or part == LISTS for part in place.parts)
    if hidden or not is_picture(place.name):
        return
    if is_local(metadata.path) and not os.path.isfile(metadata.path):
        return  # a pipe may have no end
    changed = metadata.last_updated_in_seconds or 0.0
    place = PurePosixPath(_in_utf8(str(place)))
    yield Found(metadata.path, place, metadata.size_in_bytes, changed)


def _in_utf8(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()


def place_below(folder: str, address: str) -> PurePosixPath | None:
    """Where a file is below a folder; None if it is not."""
    inside = folder.rstrip("/") + "/"
    return PurePosixPath(address.removeprefix(inside)) if address.startswith(inside) else None


def _literally(path: str) -> str:
    """A pattern that matches this path alone: the file systems know no other way to quote."""
    return _WILDCARD.sub(lambda found: f"[{found[0]}]", path)
