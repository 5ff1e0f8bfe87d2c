"""From files to jobs: what each result is called, whether it is there already, whole or cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from srgan.errors import SrganError
from srgan.imaging import output_format_for
from srgan.limits import limits
from srgan.naming import INPUT_ENDINGS, names_of_their_own, wanted
from srgan.records import Record, Source, may_stay, same_source
from srgan.scale_out import files
from srgan.scale_out.header import read_header
from srgan.scale_out.manifest import Entry, record_of
from srgan.scale_out.order import Failure, Found, Job, Order


@dataclass(frozen=True)
class Seen:
    """A file whose header was read; error: why that was not possible."""

    found: Found
    kind: str
    size: tuple[int, int]
    alpha: bool = False
    error: SrganError | None = None


def seen(found: Found) -> Seen:
    """Read a header. One that is broken counts as what its name says, as in `upscale`."""
    try:
        return Seen(found, *read_header(found.address))
    except SrganError as error:
        kind = files.sniffed(found.address) or INPUT_ENDINGS[found.place.suffix.lower()]
        return Seen(found, kind, (0, 0), error=error)


def is_cut(size: tuple[int, int], order: Order) -> bool:
    """Whether a picture is too large to be upscaled whole."""
    return size[0] * size[1] > order.whole_pixels or max(size) > limits().max_side


def jobs_of(
    rivals: Iterable[Seen],
    results: Iterable[tuple[str, int]],
    entries: Iterable[Entry],
    order: Order,
) -> Iterator[tuple[str, Job | Entry | Failure]]:
    """What becomes of each source of a group of rivals for names.

    results: (place, bytes) of the files that exist; entries: of earlier runs' lists, the latest of
    which counts. Gives ("make", job), ("fail", failure), or for a result that stays ("skip", its
    entry) or, where no run has written one, ("skip", job).
    """
    bytes_of = dict(results)
    latest = {it["output"]: it for it in sorted(entries, key=lambda it: it.get("run") or "")}
    by_source = {PurePosixPath(it.found.place): it for it in rivals}
    targets = names_of_their_own(
        [
            wanted(place, place, _format(it, order))
            for place, it in sorted(by_source.items(), key=lambda item: item[0].parts)
        ]
    )
    for one, target in targets.items():
        it = by_source[PurePosixPath(one.source)]
        if it.error is not None:
            yield "fail", failure(it.found, it.error, "header")
            continue
        job = Job(it.found, it.kind, it.size, PurePosixPath(target), one.format)
        exists, entry = bytes_of.get(str(target)), latest.get(str(target))
        record = record_of(entry) if entry else None
        if exists is None or order.overwrite or not _may_stay(job, record, exists, order):
            yield "make", job
        elif entry is not None and record is not None and record.result_bytes == exists:
            yield "skip", entry
        else:
            yield "skip", job


def failure(found: Found, error: SrganError, step: str) -> Failure:
    return Failure(str(found.place), str(error), type(error).__name__, step)


def _format(it: Seen, order: Order) -> str:
    if is_cut(it.size, order):
        return "TIFF"
    return order.format or output_format_for(it.kind, it.alpha)


def _may_stay(job: Job, record: Record | None, result_bytes: int, order: Order) -> bool:
    found = job.found

    def is_same(recorded: Source) -> bool:
        return same_source(
            recorded, found.bytes, found.modified, lambda: files.digest(found.address)
        )

    return may_stay(record, result_bytes, order.settings, is_same)
