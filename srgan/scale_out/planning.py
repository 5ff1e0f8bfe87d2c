"""From files to jobs: what each result is called, whether it is there already, whole or cut."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from srgan.errors import CannotWrite, SrganError
from srgan.imaging import output_format_for
from srgan.limits import limits
from srgan.naming import INPUT_ENDINGS, names_of_their_own, wanted
from srgan.records import Record, Verdict, same_source, verdict
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
        if not files.is_utf8(found.address):
            raise CannotWrite("The name of this file is not UTF-8. Please rename it.")
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
    origins = {it.found.address for it in by_source.values()}
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
        if exists is None or order.overwrite:
            yield "make", job
            continue
        what = verdict(record, exists, order.settings, origins, _is_same(it.found))
        if what is Verdict.AGAIN:
            yield "make", job
        elif what is Verdict.OF_ANOTHER and record is not None:
            yield "fail", failure(it.found, _of_another(job, record, order), "name")
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


def _is_same(found: Found) -> Callable[[Record], bool]:
    return lambda record: same_source(
        record, found.address, found.bytes, found.modified, lambda: files.digest(found.address)
    )


def _of_another(job: Job, record: Record, order: Order) -> CannotWrite:
    return CannotWrite(
        f"{files.address_of(order.output, job.target)} was made from {record.origin}. Please "
        "choose another OUTPUT, or add --overwrite to replace it."
    )
