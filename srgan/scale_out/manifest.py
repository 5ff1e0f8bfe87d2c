"""The lists of a run, as JSON lines: what was made, and what could not be made."""

import json
import os
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from srgan.errors import BadOption, CannotWrite, SrganError
from srgan.records import Record, Source
from srgan.scale_out import files
from srgan.scale_out.header import read_header
from srgan.scale_out.order import LISTS, Failure, Job, Order

Entry = dict[str, Any]


def entry(
    job: Job,
    order: Order,
    *,
    source: Source,
    size: tuple[int, int],
    output_size: tuple[int, int],
    output_bytes: int,
    output_sha256: str,
    seconds: float,
    regions: int = 1,
) -> Entry:
    """A line of the manifest; regions: how many the picture was cut into."""
    return {
        "input": str(job.found.place),
        "input_address": job.found.address,
        "input_bytes": source.bytes,
        "input_modified": source.modified,
        "input_sha256": source.sha256,
        "input_size": list(size),
        "output": str(job.target),
        "output_bytes": output_bytes,
        "output_sha256": output_sha256,
        "output_size": list(output_size),
        "regions": regions,
        "seconds": round(seconds, 3),
        "model": order.options.model,
        "denoise": order.options.denoise,
        "settings": order.settings,
        "run": order.run,
    }


def entry_of_unknown(job: Job, order: Order) -> Entry:
    """For a result that exists and that no run has recorded: what can be read off it."""
    address = files.address_of(order.output, job.target)
    try:
        output_size: list[int] | None = list(read_header(address).size)
    except SrganError:
        output_size = None  # somebody's own file of that name: it is left as it is
    nothing = dict.fromkeys(("input_sha256", "seconds", "model", "denoise", "settings", "run"))
    return {
        "input": str(job.found.place),
        "input_bytes": job.found.bytes,
        "input_modified": job.found.modified,
        "input_size": list(job.size),
        "output": str(job.target),
        "output_bytes": files.size_of(address),
        "output_sha256": files.digest(address),
        "output_size": output_size,
        **nothing,
    }


def record_of(line: Entry) -> Record | None:
    """What a line of a manifest tells of a result; None if it does not tell enough."""
    try:
        if line["settings"] is None:
            return None
        source = Source(line["input_bytes"], line["input_modified"], line["input_sha256"])
        return Record(line["output_bytes"], source, line["settings"], line.get("input_address"))
    except KeyError:
        return None


def entry_of(line: str) -> Entry | None:
    """An entry from its line; None for one that a crash has cut off."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "output" in entry else None


def as_line(item: Entry | Failure) -> str:
    """One line, without its end."""
    facts = asdict(item) if isinstance(item, Failure) else item
    return json.dumps(facts, ensure_ascii=False, sort_keys=False)


def folder_of(order: Order) -> str:
    """Where the lists of this run are."""
    return files.address_of(order.output, PurePosixPath(LISTS, order.run))


def make_folder(order: Order) -> None:
    """Make it on this machine, so that what is in the way is told before the work.

    Raises BadOption and CannotWrite.
    """
    if not files.is_local(order.output):
        return
    if os.path.exists(order.output) and not os.path.isdir(order.output):
        raise BadOption(f"OUTPUT has to be a folder, and {order.output} is a file.")
    try:
        os.makedirs(folder_of(order), exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{order.output} cannot be written: {error.strerror}.") from error
