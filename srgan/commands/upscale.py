"""`python -m srgan upscale`: pictures and folders of them."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from srgan.errors import BadOption, CannotWrite, NetworkUnavailable, SrganError

if TYPE_CHECKING:
    from collections.abc import Callable

    from srgan.commands._plan import Job
    from srgan.upscaler import Options, Progress, Upscaler

DESCRIPTION = """\
Make pictures larger and cleaner. Reads PNG, JPEG, WebP, BMP and TIFF; writes PNG, JPEG and WebP.
The exit code is 0 if every picture is done, 1 if some could not be done (they are named, and the
others done nevertheless), 2 for wrong usage and 130 after Ctrl-C."""

_INTERRUPTED = 130


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
    parser.add_argument("--model", metavar="NAME", help="a network of `srgan models`")
    parser.add_argument(
        "--denoise", type=float, metavar="STRENGTH", help="from 0, off, to 1, in full"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--scale", type=float, metavar="TIMES", help="up to 4, the default")
    size.add_argument("--width", type=int, metavar="PIXELS", help="the result's width instead")
    parser.add_argument(
        "--format",
        choices=("same", "png", "jpeg", "jpg", "webp"),
        help="of the results; by default what OUT ends in, else the same as the original",
    )
    parser.add_argument(
        "--quality", type=int, metavar="1-100", help="of JPEG (default: 92) and WebP (default: 90)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="also make results that exist already"
    )


def run(args: argparse.Namespace) -> int:
    """Upscale; gives the exit code. Raises SrganError for what concerns all pictures."""
    from srgan.commands._plan import plan
    from srgan.limits import limits
    from srgan.upscaler import Upscaler

    limits()  # a bad one is told now, not at the first picture
    options = _options(args)
    if args.quality is not None and not 1 <= args.quality <= 100:
        raise BadOption(f"The quality can be from 1 to 100, not {args.quality}.")
    jobs = plan(args.inputs, args.output, _format(args.format))
    if jobs[0].target is None and sys.stdout.isatty():
        raise BadOption("A picture is not written to a terminal: please redirect the output.")

    counts: Counter[str] = Counter()
    waiting = jobs if args.overwrite else list(_without_existing(jobs, counts))
    interrupted = False
    try:
        if waiting:
            upscaler = Upscaler()
            upscaler.load(options.model or upscaler.zoo.default)
            _upscale_all(waiting, upscaler, options, args.quality, counts)
    except KeyboardInterrupt:
        interrupted = True
    _say(_summary(counts, interrupted))
    if interrupted:
        return _INTERRUPTED
    return 1 if counts["failed"] else 0


def _options(args: argparse.Namespace) -> "Options":
    from srgan.upscaler import Options

    names = ("model", "denoise", "scale", "width")
    given: dict[str, Any] = {name: getattr(args, name) for name in names}
    return Options(**{name: value for name, value in given.items() if value is not None})


def _format(choice: str | None) -> str | None:
    return None if choice in (None, "same") else {"jpg": "JPEG"}.get(choice, choice.upper())


def _without_existing(jobs: list["Job"], counts: Counter[str]) -> "Iterator[Job]":
    for job in jobs:
        if job.target is None or not job.target.is_file():
            yield job
        elif job.alone:
            raise CannotWrite(f"{job.target} exists already. Add --overwrite to replace it.")
        else:
            counts["skipped"] += 1


def _upscale_all(
    jobs: list["Job"],
    upscaler: "Upscaler",
    options: "Options",
    quality: int | None,
    counts: Counter[str],
) -> None:
    several = len(jobs) > 1
    for job in tqdm(jobs, unit="picture", disable=None if several else True):
        try:
            with _tile_bar(job.name, below=several) as on_progress:
                _upscale_one(job, upscaler, options, quality, on_progress)
            counts["done"] += 1
        except NetworkUnavailable:
            raise
        except SrganError as error:
            counts["failed"] += 1
            _say(f"{job.name}: {error}")


def _upscale_one(
    job: "Job",
    upscaler: "Upscaler",
    options: "Options",
    quality: int | None,
    on_progress: "Callable[[Progress], None]",
) -> None:
    from srgan.commands._files import read, write
    from srgan.imaging import check_output_size, decode, encode, output_format_for
    from srgan.limits import limits

    picture = decode(read(job.source, limits().max_bytes), limits())
    format = job.format or output_format_for(picture.format)
    check_output_size(format, *upscaler.output_size(picture.size, options))
    result = upscaler.upscale(picture, options, on_progress=on_progress)
    write(job.target, encode(result, format, quality))


@contextmanager
def _tile_bar(name: str, *, below: bool) -> "Iterator[Callable[[Progress], None]]":
    """A bar of one picture's tiles, where standard error is a terminal."""
    shown = Path(name).name
    with tqdm(desc=shown, unit="tile", leave=not below, position=int(below), disable=None) as bar:

        def show(progress: "Progress") -> None:
            bar.total = progress.tiles_total
            bar.update(progress.tiles_done - bar.n)

        yield show


def _say(sentence: str) -> None:
    tqdm.write(sentence, file=sys.stderr)


def _summary(counts: Counter[str], interrupted: bool) -> str:
    done = counts["done"]
    parts = [f"{done} picture{'' if done == 1 else 's'} upscaled"]
    if counts["skipped"]:
        parts.append(f"{counts['skipped']} skipped that exist already (--overwrite makes them)")
    if counts["failed"]:
        parts.append(f"{counts['failed']} failed")
    return ("Stopped. " if interrupted else "") + ", ".join(parts) + "."
