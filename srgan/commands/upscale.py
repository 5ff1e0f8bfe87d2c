"""`python -m srgan upscale`: pictures and folders of them."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from srgan import heap
from srgan.errors import BadOption, CannotWrite

if TYPE_CHECKING:
    from collections.abc import Callable

    from srgan.commands._journal import Journal
    from srgan.commands._plan import Job
    from srgan.commands._tasks import Told
    from srgan.commands._work import Work
    from srgan.records import Record
    from srgan.upscaler import Options

DESCRIPTION = """\
Make pictures larger and cleaner. Reads PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP and TIFF; writes
PNG, JPEG and WebP.
The exit code is 0 if every picture is done, 1 if some could not be done (they are named, and the
others done nevertheless), 2 for wrong usage and 130 after Ctrl-C."""

_INTERRUPTED = 130

# On 2 quiet cores 6 pictures of 0.7 megapixels took one process of 2 threads 37.4 s as WebP and
# 35.7 s as PNG, and two of one thread 33.3 s and 34.8 s (medians of 2 or 3): threads wait for each
# other after each layer. But the last pictures leave some of many processes idle, so that there
# have to be several for each of them. More than 2 cores were not measured.
_PICTURES_A_WORKER = 10
_CORES_A_WORKER = 4  # for fewer pictures than that
# Below, starting processes takes longer than they save.
_PIXELS_FOR_A_CREW = 1_000_000
# Of a run without --denoise. A look takes up to a seventh of the arithmetic of `faithful-fast`:
# 48 of 160 pixels each way, by that and its autoencoder, which is too much for each of a thousand.
LOOKED_AT = 10


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "upscale", help="make pictures larger and cleaner", description=DESCRIPTION
    )
    parser.add_argument(
        "inputs", nargs="+", metavar="IN", help="files and folders, or - for standard input"
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="a file for one picture (- for standard output), a folder for several or for a folder",
    )
    add_picture_options(parser, "what OUT ends in, else the same as the original")
    parser.add_argument(
        "--overwrite", action="store_true", help="also make results that exist already"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="NUMBER",
        help="processes, each making a picture at a time, within the memory that is free "
        "(default: one for every core and 10 pictures, or for every 4 cores)",
    )


def add_picture_options(parser: argparse.ArgumentParser, default_format: str) -> None:
    """Add what can be chosen about every picture."""
    parser.add_argument("--model", metavar="NAME", help="a network of `srgan models`")
    parser.add_argument(
        "--denoise",
        type=float,
        metavar="STRENGTH",
        help="take noise and JPEG blocks away: from 0, off (default), to 1",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--scale", type=float, metavar="TIMES", help="up to 4, the default")
    size.add_argument("--width", type=int, metavar="PIXELS", help="the result's width instead")
    parser.add_argument(
        "--format",
        choices=("same", "png", "jpeg", "jpg", "webp"),
        help=f"of the results (default: {default_format})",
    )
    parser.add_argument(
        "--quality", type=int, metavar="1-100", help="of JPEG (default: 92) and WebP (default: 90)"
    )


def run(args: argparse.Namespace) -> int:
    """Upscale; gives the exit code. Raises SrganError for what concerns all pictures."""
    from srgan.commands._files import remove_leftovers
    from srgan.commands._journal import Journal
    from srgan.commands._plan import plan
    from srgan.commands._work import Work
    from srgan.limits import limits
    from srgan.records import settings_of
    from srgan.zoo import load_zoo

    heap.give_back()
    limits()  # a bad one is told now, not at the first picture
    options = options_of(args)
    check_quality(args.quality)
    if args.workers is not None and args.workers < 1:
        raise BadOption(f"The number of workers must be 1 or more, not {args.workers}.")
    counts: Counter[str] = Counter()

    def fail(sentence: str) -> None:
        counts["failed"] += 1
        say(sentence)

    jobs = plan(args.inputs, args.output, format_of(args.format), say, fail)
    if any(job.target is None for job in jobs) and sys.stdout is not None and sys.stdout.isatty():
        raise BadOption("A picture is not written to a terminal: please redirect the output.")

    work = Work(options, args.quality, settings_of(load_zoo(), options, args.quality))
    journal = None
    if not any(job.alone for job in jobs):
        journal = Journal(Path(args.output))
        remove_leftovers(Path(args.output))
    waiting = jobs if args.overwrite else list(_without_current(jobs, journal, work, counts))
    started = time.monotonic()
    interrupted = False
    try:
        if waiting:
            to_look_at = LOOKED_AT if args.denoise is None else 0
            _make_all(waiting, work, journal, args.workers, to_look_at, counts)
    except KeyboardInterrupt:
        interrupted = True
    if counts["noisy"]:
        say(offer(counts["noisy"], counts["looked at"], len(waiting)))
    say(summary(counts, interrupted, time.monotonic() - started))
    if interrupted:
        return _INTERRUPTED
    return 1 if counts["failed"] else 0


def check_quality(quality: int | None) -> None:
    """Raises BadOption for a quality out of range."""
    if quality is not None and not 1 <= quality <= 100:
        raise BadOption(f"The quality can be from 1 to 100, not {quality}.")


def options_of(args: argparse.Namespace) -> "Options":
    """The options that were given. Raises BadOption."""
    from srgan.upscaler import Options

    names = ("model", "denoise", "scale", "width")
    given: dict[str, Any] = {name: getattr(args, name) for name in names}
    return Options(**{name: value for name, value in given.items() if value is not None})


def format_of(choice: str | None) -> str | None:
    """The name that `srgan.imaging` has for a format; None for the same as the original."""
    return None if choice in (None, "same") else {"jpg": "JPEG"}.get(choice, choice.upper())


def _without_current(
    jobs: list["Job"], journal: "Journal | None", work: "Work", counts: Counter[str]
) -> "Iterator[Job]":
    from srgan.records import Verdict, verdict

    origins = {job.origin for job in jobs}
    for job in jobs:
        if job.target is None or not os.path.isfile(job.target):
            yield job
            continue
        if job.alone or journal is None:
            raise CannotWrite(f"{job.target} exists already. Add --overwrite to replace it.")
        record, size = journal.find(job.target), job.target.stat().st_size
        what = verdict(record, size, work.settings, origins, _is_same(job))
        if what is Verdict.STAYS:
            counts["skipped"] += 1
        elif what is Verdict.AGAIN:
            yield job
        else:
            counts["failed"] += 1
            say(
                f"{job.name}: {job.target} was made from {journal.origin_of(job.target)}. Please "
                "choose another OUT, or add --overwrite to replace it."
            )


def _is_same(job: "Job") -> "Callable[[Record], bool]":
    from srgan.records import same_source, sha256

    source = job.source
    assert source is not None  # standard input has no place in a folder

    def is_same(record: "Record") -> bool:
        def digest() -> str:
            return sha256(source.read_bytes())

        try:
            now = source.stat()
            return same_source(record, job.origin, now.st_size, now.st_mtime, digest)
        except OSError:
            return True  # nothing better can be made of it

    return is_same


def _make_all(
    jobs: list["Job"],
    work: "Work",
    journal: "Journal | None",
    workers: int | None,
    to_look_at: int,
    counts: Counter[str],
) -> None:
    from srgan.commands._crew import Crew
    from srgan.commands._memory import needed, to_spend
    from srgan.commands._one_by_one import one_by_one
    from srgan.commands._tasks import Task
    from srgan.commands._work import pixels_of
    from srgan.cores import cores

    pixels = [pixels_of(job) for job in jobs]
    tasks = [Task(n, job, needed(pixels[n]), n < to_look_at) for n, job in enumerate(jobs)]
    memory = to_spend()
    if workers is None:
        workers = _workers_for(len(jobs), cores()) if sum(pixels) >= _PIXELS_FOR_A_CREW else 1
    workers = max(1, min(workers, len(jobs), memory // min(task.memory for task in tasks)))
    with _bar(len(jobs), pixels) as show:

        def on_told(told: "Told") -> None:
            told = _written_down(told, journal)
            show(told)
            if told.made is not None:
                counts["done"] += 1
                counts["pixels"] += told.made.pixels
                counts["looked at"] += told.task.look
                counts["noisy"] += told.made.noisy
            elif told.error is not None:
                counts["failed"] += 1
                say(f"{told.task.job.name}: {told.error}")

        if workers > 1:
            Crew(workers, max(1, cores() // workers), memory, work).run(tasks, on_told)
        else:
            one_by_one(tasks, work, memory, on_told)


def _workers_for(pictures: int, cores: int) -> int:
    return max(cores // _CORES_A_WORKER, min(cores, pictures // _PICTURES_A_WORKER))


def _written_down(told: "Told", journal: "Journal | None") -> "Told":
    """What is told, once a result is on record; a failure of its picture where that fails."""
    if told.made is None or journal is None or told.task.job.target is None:
        return told
    try:
        journal.add(told.task.job.target, told.made.record)
    except CannotWrite as error:
        return replace(told, made=None, error=error)
    return told


@contextmanager
def _bar(pictures: int, pixels: list[int]) -> "Iterator[Callable[[Told], None]]":
    """One bar for all the work, in pixels of the inputs, where standard error is a terminal."""
    shares = [0.0] * pictures
    ended = 0
    with tqdm(total=sum(pixels), unit="px", unit_scale=True, disable=None) as bar:

        def show(told: "Told") -> None:
            nonlocal ended
            number = told.task.number
            bar.update(round(told.share * pixels[number]) - round(shares[number] * pixels[number]))
            shares[number] = told.share
            ended += told.made is not None or told.error is not None
            bar.set_description(f"{ended}/{pictures}", refresh=False)

        yield show


def say(sentence: str) -> None:
    """On standard error, above a bar that may be there."""
    tqdm.write(sentence, file=sys.stderr)


def offer(noisy: int, looked_at: int, pictures: int) -> str:
    """That denoising is for so many of the pictures that were looked at, of all `pictures`."""
    have = "has" if noisy == 1 else "have"
    of = f"{looked_at} looked at" if looked_at < pictures else f"{pictures} pictures"
    which = "The picture has" if pictures == 1 else f"{noisy} of {of} {have}"
    others = "" if noisy == pictures else ", and leaves clean pictures as they are"
    return f"{which} noise or JPEG blocks, which came along. --denoise 1 takes them away{others}."


def summary(counts: Mapping[str, int], interrupted: bool, seconds: float) -> str:
    """What was done: counts of "done", "pixels", "skipped" and "failed"."""
    done = counts["done"]
    parts = [f"{done} picture{'' if done == 1 else 's'} upscaled"]
    if done:
        parts[0] += f" ({_megapixels(counts['pixels'])}in {_time(seconds)})"
    if counts["skipped"]:
        parts.append(f"{counts['skipped']} skipped that exist already (--overwrite makes them)")
    if counts["failed"]:
        parts.append(f"{counts['failed']} failed")
    return ("Stopped. " if interrupted else "") + ", ".join(parts) + "."


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:,.1f} megapixels " if pixels >= 100_000 else ""


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )
