"""One picture from its file to its result's, and what is known of it before the work."""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from srgan.commands._files import read, write
from srgan.commands._plan import Job
from srgan.commands._tasks import Made, Task
from srgan.errors import PictureTooLarge
from srgan.imaging import (
    HEAD_BYTES,
    Picture,
    check_output_size,
    decode,
    encode,
    opened,
    output_format_for,
    sniff,
)
from srgan.limits import limits
from srgan.records import Record, Source, sha256
from srgan.upscaler import Options, Progress, Upscaler


@dataclass(frozen=True)
class Work:
    """What is done to every picture of a run; settings: see `srgan.records.settings_of`."""

    options: Options
    quality: int | None
    settings: str


@dataclass(frozen=True)
class Opened:
    """A task's picture before it is upscaled, with what is known of its file and its result's."""

    task: Task
    source: Source
    picture: Picture
    format: str


@dataclass(frozen=True)
class Enlarged:
    """What the networks made of a picture; `noisy` as in `Made`."""

    picture: Picture
    noisy: bool


def make(
    task: Task, upscaler: Upscaler, work: Work, on_progress: Callable[[Progress], None]
) -> Made:
    """Upscale one picture and put the result in its place. Raises any of `srgan.errors`."""
    opened = open_picture(task, upscaler, work)
    return put(enlarge(opened, upscaler, work, on_progress), opened, work)


def open_picture(task: Task, upscaler: Upscaler, work: Work) -> Opened:
    """Read and decode. Raises any of `srgan.errors`, also for a result too large for its format."""
    job = task.job
    modified = _modified(job)  # first: a file that changes meanwhile is read again next time
    data = read(job.source, limits().max_bytes)
    source = Source(len(data), modified, sha256(data))
    picture = decode(data, limits())
    format = job.format or output_format_for(picture.format, picture.transparent)
    check_output_size(format, *upscaler.output_size(picture.size, work.options))
    return Opened(task, source, picture, format)


def enlarge(
    opened: Opened, upscaler: Upscaler, work: Work, on_progress: Callable[[Progress], None]
) -> Enlarged:
    """Run the networks. Raises any of `srgan.errors`."""
    try:
        noisy = opened.task.look and upscaler.needs_denoising(opened.picture)
        made = upscaler.upscale(opened.picture, work.options, on_progress=on_progress)
    except MemoryError as error:
        raise PictureTooLarge(
            "There is not enough memory for this picture. Please make it smaller."
        ) from error
    return Enlarged(made, noisy)


def put(result: Enlarged, opened: Opened, work: Work) -> Made:
    """Encode the result and put it in its place. Raises any of `srgan.errors`."""
    encoded = encode(result.picture, opened.format, work.quality)
    job = opened.task.job
    write(job.target, encoded)
    record = Record(len(encoded), opened.source, work.settings, job.origin)
    return Made(record, result.noisy, opened.picture.width * opened.picture.height)


def _modified(job: Job) -> float:
    try:
        return 0.0 if job.source is None else job.source.stat().st_mtime
    except OSError:
        return 0.0  # it is told when the file is read


def pixels_of(job: Job) -> int:
    """How many pixels a source has by its header; 1 where that cannot be told."""
    if job.source is None or not os.path.isfile(job.source):  # a pipe can be read only once
        return 1
    try:
        with warnings.catch_warnings(action="ignore"), open(job.source, "rb") as file:
            # The header alone is read; the limits are checked when the picture is.
            if os.fstat(file.fileno()).st_size > limits().max_bytes:
                return 1
            kind = sniff(file.read(HEAD_BYTES))
            if kind is None:
                return 1
            file.seek(0)
            with opened(file, kind) as image:
                return max(1, image.width * image.height)
    except Exception:  # noqa: BLE001 - whatever is wrong with it is told when it is decoded
        return 1
