"""Which pictures are read and where each result goes, decided before any work.

Of what one may not look at `os.path` says that it is not there, where `Path` raises an error: why
it cannot be read or written is told when it is.
"""

import glob
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from srgan.errors import BadOption
from srgan.folders import walk
from srgan.imaging import HEAD_BYTES, output_format_by_header, output_format_for, sniff
from srgan.limits import limits
from srgan.naming import INPUT_ENDINGS, Wanted, is_picture, names_of_their_own, wanted

STREAM = "-"

_OUTPUT_ENDINGS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


@dataclass(frozen=True)
class Job:
    """One picture's way.

    source: None for standard input. target: None for standard output. format: "PNG", "JPEG" or
    "WEBP"; None for the same as the original, which is known when it is decoded. alone: the target
    was named by the user, and does not just bear the name of its source. origin: where the source
    is, as seen from the folder of results; None where it stands alone.
    """

    source: Path | None
    target: Path | None
    format: str | None
    alone: bool
    origin: str | None = None

    @property
    def name(self) -> str:
        return "standard input" if self.source is None else str(self.source)


def plan(
    inputs: Sequence[str],
    out: str,
    format: str | None,
    say: Callable[[str], None],
    fail: Callable[[str], None],
) -> list[Job]:
    """The jobs for `inputs` (files, folders, or "-" alone) and `out` (a file, a folder, or "-").

    What no file is called is a pattern, as *.jpg, which Windows' shells leave to programs. Files in
    folders are taken by their endings, hidden ones left out, and so is what is in `out`; where that
    was named among the inputs, as by *, `say` is told so. It is told of links to folders too, which
    are not followed, and `fail` of folders that cannot be read. A folder's tree is kept, below the
    folder's own name where there are several inputs. A name that two results would bear goes to the
    one whose ending stays; others keep theirs: a.jpg.png.

    Raises BadOption for a combination that makes no sense, for a folder without pictures, for a
    pattern that nothing matches, and where a result would take the place of a picture that is to be
    read.
    """
    if STREAM in inputs and len(inputs) > 1:
        raise BadOption("Standard input is one picture: - goes with no other input.")
    inputs = [name for given in inputs for name in _meant(given)]
    others = [name for name in inputs if not _is_folder(name, out)]
    if others and len(others) < len(inputs):
        say(f"{out} is where the results go: what is in it is left out.")
        inputs = others
    folders = [name for name in inputs if name != STREAM and os.path.isdir(name)]
    ends_as_folder = out.endswith(("/", os.sep)) or os.path.isdir(out)
    if len(inputs) > 1 or folders or (ends_as_folder and out != STREAM):
        jobs = _into_folder(inputs, out, format, say, fail)
    else:
        jobs = [_single(inputs[0], out, format)]
    _refuse_to_replace_sources(jobs)
    return jobs


def _meant(name: str) -> list[str]:
    if name == STREAM or not glob.has_magic(name) or os.path.lexists(name):
        return [name]
    found = sorted(glob.glob(name))
    if not found:
        raise BadOption(f"There is no file {name}.")
    return found


def _is_folder(name: str, folder: str) -> bool:
    same = os.path.realpath(name) == os.path.realpath(folder)
    return name != STREAM and os.path.isdir(name) and same


def _single(name: str, out: str, format: str | None) -> Job:
    source = None if name == STREAM else Path(name)
    if out == STREAM:
        return Job(source, None, format, alone=True)
    ending = Path(out).suffix.lower()
    meant = _OUTPUT_ENDINGS.get(ending)
    if meant is None and ending in INPUT_ENDINGS:
        raise BadOption(f"Results are written as PNG, JPEG or WebP, not as {ending}: {out}")
    if meant and format and meant != format:
        raise BadOption(f"The name {out} does not go with --format {format.lower()}.")
    return Job(source, Path(out), format or meant, alone=True)


def _into_folder(
    inputs: Sequence[str],
    out: str,
    format: str | None,
    say: Callable[[str], None],
    fail: Callable[[str], None],
) -> list[Job]:
    folder = Path(out)
    if out == STREAM:
        raise BadOption("Standard output takes one picture, not several and no folder.")
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise BadOption(f"Several results need a folder, and {out} is a file.")
    if STREAM in inputs:
        raise BadOption("A picture from standard input has no name: please name the file OUT.")
    all_wanted: list[Wanted] = []
    for name in inputs:
        path = Path(name)
        if not os.path.isdir(path):
            all_wanted.append(_named(path, folder / path.name, format))
            continue
        top = folder / os.path.basename(os.path.realpath(path)) if len(inputs) > 1 else folder
        unread: list[OSError] = []
        found = [
            _named(file, top / file.relative_to(path), format)
            for file in _pictures(path, folder, unread.append, say)
        ]
        for error in unread:
            fail(f"{error.filename} cannot be read: {error.strerror}.")
        if not found and not unread:
            raise BadOption(f"There is no picture in the folder {name}.")
        all_wanted += found
    results = os.path.realpath(folder)
    return [
        Job(Path(one.source), Path(target), one.format, False, _origin(one.source, results))
        for one, target in names_of_their_own(all_wanted).items()
    ]


def _origin(source: PurePath, results: str) -> str:
    """The same for as long as sources and results are moved together, and nobody's whole path."""
    place = os.path.join(os.path.realpath(source.parent), source.name)
    try:
        return Path(os.path.relpath(place, results)).as_posix()
    except ValueError:  # another drive of Windows
        return place


def _pictures(
    folder: Path, out: Path, fail: Callable[[OSError], None], say: Callable[[str], None]
) -> Iterator[Path]:
    """The picture files below a folder, in order, without `out` where that is inside."""
    for here, names in walk(str(folder), os.path.realpath(out), fail, say):
        for path in (Path(here, name) for name in names if is_picture(name)):
            # Pipes and devices may have no end. A broken link is told when it is read.
            if os.path.isfile(path) or not os.path.exists(path):
                yield path


def _named(source: Path, place: Path, format: str | None) -> Wanted:
    return wanted(source, place, format or _same_as(source))


def _same_as(source: Path) -> str:
    """The format of the result, by what a file is by its first bytes, or else by its name."""
    kind = None
    if os.path.isfile(source):  # a pipe can be read only once
        try:
            with warnings.catch_warnings(action="ignore"), source.open("rb") as file:
                kind = sniff(file.read(HEAD_BYTES))
                file.seek(0)
                if kind is not None and os.fstat(file.fileno()).st_size <= limits().max_bytes:
                    return output_format_by_header(file, kind)
        except Exception:  # noqa: BLE001 - whatever is wrong with it is told when it is decoded
            pass
    return output_format_for(kind or INPUT_ENDINGS.get(source.suffix.lower()), transparent=False)


def _refuse_to_replace_sources(jobs: Sequence[Job]) -> None:
    sources = {os.path.realpath(job.source) for job in jobs if job.source is not None}
    for job in jobs:
        if job.target is not None and os.path.realpath(job.target) in sources:
            raise BadOption(
                f"The result {job.target} would take the place of a picture that is to be read. "
                "Please choose another OUT."
            )
