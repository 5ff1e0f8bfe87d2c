"""The pipeline: match, read headers, name, then decode, upscale, encode and write.

A picture that one worker holds goes from its file to its result's in one worker, and nothing but
its name is ever shuffled. A larger one is cut into regions that many workers share; what is
shuffled is where they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import apache_beam as beam
from apache_beam.io import fileio
from apache_beam.io.filesystem import FileMetadata
from apache_beam.ml.inference.base import RunInference

from srgan.naming import rivals_key
from srgan.scale_out import files, leftovers, manifest, planning, regions, whole
from srgan.scale_out.manifest import Entry
from srgan.scale_out.matching import absolute, found, pattern_and_root, place_below
from srgan.scale_out.model import Networks
from srgan.scale_out.order import LISTS, Failure, Found, Job, Order, Piece, Region, Upscaled
from srgan.scale_out.receipts import Receipts
from srgan.scale_out.regions import Part, RegionReader
from srgan.scale_out.steps import FAILED, count, planner, step

Collection: TypeAlias = beam.PCollection
_ANY = fileio.EmptyMatchTreatment.ALLOW


def build(
    pipeline: beam.Pipeline, order: Order, unread: Sequence[Failure] = (), lists: int = 1
) -> None:
    """Put all steps of an order into a pipeline.

    unread: see `srgan.scale_out.matching`; lists: the number of files of each list.
    """
    planned = _planned(pipeline, order)
    made_whole, failed_whole = _whole(planned["make"] | _only(order, cut=False), order)
    made_cut, failed_cut = _cut(planned["make"] | _only(order, cut=True), order)
    skipped = (
        planned["skip"]
        | "SpreadSkipped" >> beam.Reshuffle()
        | "Describe" >> beam.Map(_described, order)
    )
    made = (made_whole, made_cut) | "Made" >> beam.Flatten() | "Count" >> beam.Map(_counted)
    _write_list("manifest", (made, skipped), order, lists)
    failed = (
        (pipeline | "Unread" >> beam.Create(unread), planned["fail"], *failed_whole, *failed_cut)
        | "Failed" >> beam.Flatten()
        | "ByInput" >> beam.GroupBy(lambda it: it.input)
        | "OnceEach" >> beam.Map(_first_failure)
    )
    _write_list("failures", (failed,), order, lists)


def _planned(pipeline: beam.Pipeline, order: Order) -> dict[str, Collection]:
    """Jobs to "make", jobs to "skip", and what has to "fail"."""
    pattern, root = pattern_and_root(order.input)
    output = absolute(order.output)
    seen = (
        pipeline
        | "Input" >> beam.Create([pattern])
        | "Match" >> fileio.MatchAll(_ANY)
        | "Pictures" >> beam.FlatMap(found, root, output)
        | "SpreadFiles" >> beam.Reshuffle()
        | "ReadHeader" >> beam.Map(planning.seen)
        | "BySource" >> beam.Map(lambda it: (rivals_key(it.found.place), it))
    )
    there = (
        pipeline
        | "Output" >> beam.Create([f"{output}/**"])
        | "MatchResults" >> fileio.MatchAll(_ANY)
    )
    _ = (
        there
        | "LeftOver" >> beam.Filter(leftovers.is_left_over, order)
        | "RemoveLeftOver" >> beam.Map(leftovers.remove)
    )
    results = there | "ByResult" >> beam.FlatMap(_keyed_result, output)
    records = (
        pipeline
        | "Lists" >> beam.Create([f"{output}/{LISTS}/**.jsonl"])
        | "MatchLists" >> fileio.MatchAll(_ANY)
        | "Earlier" >> beam.Filter(lambda it: "/failures" not in it.path)
        | "Paths" >> beam.Map(lambda it: it.path)
        | "ReadLists" >> beam.io.ReadAllFromText()
        | "ByRecord" >> beam.FlatMap(_keyed_entry)
    )
    kinds = ("make", "skip", "fail")
    tagged = (
        {"seen": seen, "results": results, "records": records}
        | "ByName" >> beam.CoGroupByKey()
        | "Name" >> beam.FlatMap(_jobs, order)
        | "Sort" >> beam.Partition(lambda it, _: kinds.index(it[0]), len(kinds))
    )
    return {
        kind: part | f"Only{kind.title()}" >> beam.Map(lambda it: it[1])
        for kind, part in zip(kinds, tagged, strict=True)
    }


def _whole(jobs: Collection, order: Order) -> tuple[Collection, tuple[Collection, ...]]:
    """Pictures that one worker holds: entries, and all that failed."""
    jobs |= "SpreadPictures" >> beam.Reshuffle()
    decoded = jobs | "Decode" >> step(
        "decode", lambda job: [whole.decoded(job, order, planner())], _found_of_job
    )
    upscaled = decoded.done | "Upscale" >> _inference(order, together=True)
    finished = upscaled | "EncodeAndWrite" >> step(
        "encode", lambda it: [whole.finished(it, order, planner())], _found_of_upscaled
    )
    # Here, and not behind both ways: a runner may finish one before it goes on.
    made = finished.done | "WriteReceipts" >> beam.ParDo(Receipts(order))
    return made, (decoded[FAILED], finished[FAILED])


def _cut(jobs: Collection, order: Order) -> tuple[Collection, tuple[Collection, ...]]:
    """Larger pictures: entries, and all that failed."""
    cut = jobs | "Cut" >> step(
        "cut", lambda job: regions.regions_of(job, order, planner()), _found_of_job
    )
    spread = cut.done | "SpreadRegions" >> beam.Reshuffle()
    read = spread | "ReadRegion" >> step("read", _RegionWork(order), lambda it: it.job.found)
    there = read.done | "PartsThatExist" >> beam.Filter(lambda it: isinstance(it, Part))
    written = (
        read.done
        | "PartsToMake" >> beam.Filter(lambda it: isinstance(it, Piece))
        | "UpscaleRegion" >> _inference(order, together=False)
        | "WritePart" >> step("part", lambda it: [regions.written(it, order)], _found_of_upscaled)
    )
    merged = (
        (there, written.done)
        | "Parts" >> beam.Flatten()
        | "ByPicture" >> beam.GroupBy(lambda part: str(part.region.job.target))
        | "Merge"
        >> step(
            "merge",
            lambda group: _merged(list(group[1]), order),
            lambda group: next(iter(group[1])).region.job.found,
        )
    )
    made = merged.done | "WriteReceiptsOfCut" >> beam.ParDo(Receipts(order))
    return made, (cut[FAILED], read[FAILED], written[FAILED], merged[FAILED])


class _RegionWork:
    """Reads regions, with what a reader keeps between them; travels without it."""

    def __init__(self, order: Order):
        self._order = order
        self._reader: RegionReader | None = None

    def __call__(self, region: Region) -> list[Part | Piece]:
        part = regions.part_that_exists(region, self._order, planner())
        if part is not None:
            return [part]
        self._reader = self._reader or RegionReader(self._order, planner())
        return [self._reader.read(region)]

    def __getstate__(self) -> dict:
        return {"_order": self._order, "_reader": None}


def _merged(parts: list[Part], order: Order) -> list[Entry]:
    """An entry, or none where a part is missing: why it is was told by the step that failed."""
    complete = len({part.region.number for part in parts}) == parts[0].region.count
    return [regions.merged(parts, order)] if complete else []


def _inference(order: Order, *, together: bool) -> RunInference:
    # One identifier, so that both ways of a picture share one loaded model.
    return RunInference(
        Networks(order, together=together), model_identifier=f"srgan-{order.settings}"
    )


def _only(order: Order, *, cut: bool) -> beam.PTransform:
    name = "TooLargeForOne" if cut else "OfOneWorker"
    return name >> beam.Filter(lambda job: planning.is_cut(job.size, order) == cut)


def _keyed_result(metadata: FileMetadata, output: str) -> Iterator[tuple[str, tuple[str, int]]]:
    place = place_below(output, metadata.path)
    if place is not None and place.parts[0] != LISTS and files.is_utf8(metadata.path):
        yield rivals_key(place), (str(place), metadata.size_in_bytes)


def _keyed_entry(line: str) -> Iterator[tuple[str, Entry]]:
    entry = manifest.entry_of(line)
    if entry is not None:
        yield rivals_key(PurePosixPath(entry["output"])), entry


def _jobs(
    group: tuple[str, Mapping[str, Iterable[Any]]], order: Order
) -> Iterator[tuple[str, Job | Entry | Failure]]:
    _, them = group
    yield from planning.jobs_of(them["seen"], them["results"], them["records"], order)


def _described(known: Job | Entry, order: Order) -> Entry:
    count("skipped")
    return manifest.entry_of_unknown(known, order) if isinstance(known, Job) else known


def _counted(entry: Entry) -> Entry:
    count("pictures")
    count("pixels", entry["input_size"][0] * entry["input_size"][1])
    return entry


def _first_failure(group: tuple[str, Iterable[Failure]]) -> Failure:
    count("failures")
    return next(iter(group[1]))


def _found_of_job(job: Job) -> Found:
    return job.found


def _found_of_upscaled(upscaled: Upscaled) -> Found:
    return upscaled.piece.job.found


def _write_list(name: str, items: tuple[Collection, ...], order: Order, lists: int) -> None:
    _ = (
        items
        | f"All{name.title()}" >> beam.Flatten()
        | f"Lines{name.title()}" >> beam.Map(manifest.as_line)
        | f"Write{name.title()}"
        >> beam.io.WriteToText(
            f"{manifest.folder_of(order)}/{name}",
            file_name_suffix=".jsonl",
            num_shards=lists,
            shard_name_template="" if lists == 1 else None,
        )
    )
