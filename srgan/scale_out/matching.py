"""Which files are read: a folder, a glob or a file to places below a root."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from apache_beam.io.filesystem import FileMetadata
from apache_beam.io.filesystems import FileSystems

from srgan.errors import BadOption
from srgan.naming import INPUT_ENDINGS
from srgan.scale_out.files import is_local
from srgan.scale_out.order import LISTS, Found

_WILDCARD = re.compile(r"[*?\[]")


def pattern_and_root(given: str) -> tuple[str, str]:
    """What to match for an input, and the folder that its places are told from.

    A folder is taken with all that is below it; the root of a glob is the last folder before its
    first wildcard. Raises BadOption where a local input is missing.
    """
    if is_local(given):
        path = Path(given).absolute()
        if path.is_dir():
            return f"{_literally(path)}/**", str(path)
        if path.is_file():
            return _literally(path), str(path.parent)
        given = str(path)
    elif not _WILDCARD.search(given):
        if FileSystems.exists(given):
            return given, given.rpartition("/")[0]
        return f"{given.rstrip('/')}/**", given.rstrip("/")
    wildcard = _WILDCARD.search(given)
    if wildcard is None:
        raise BadOption(f"There is no file and no folder {given}.")
    return given, given[: wildcard.start()].rpartition("/")[0]


def absolute(folder: str) -> str:
    """A folder's address as matched files' addresses begin."""
    return str(Path(folder).absolute()) if is_local(folder) else folder.rstrip("/")


def found(metadata: FileMetadata, root: str, output: str) -> Iterator[Found]:
    """The picture that a matched file is; nothing for other and hidden files, and for results."""
    place = place_below(root, metadata.path)
    if place is None or place_below(output, metadata.path) is not None:
        return
    hidden = any(part.startswith(".") or part == LISTS for part in place.parts)
    if place.suffix.lower() in INPUT_ENDINGS and not hidden:
        changed = metadata.last_updated_in_seconds or 0.0
        yield Found(metadata.path, place, metadata.size_in_bytes, changed)


def place_below(folder: str, address: str) -> PurePosixPath | None:
    """Where a file is below a folder; None if it is not."""
    inside = folder.rstrip("/") + "/"
    return PurePosixPath(address.removeprefix(inside)) if address.startswith(inside) else None


def _literally(path: Path) -> str:
    """A pattern that matches this path alone: the file systems know no other way to quote."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path))
