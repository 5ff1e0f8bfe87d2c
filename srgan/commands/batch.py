"""`python -m srgan batch`: folders and buckets of any size, on Apache Beam."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from srgan.commands import upscale
from srgan.errors import BadOption, NetworkUnavailable, WorkerLost

if TYPE_CHECKING:
    from srgan.scale_out.order import Order

PASSES_ON = True  # what it does not know: those are Beam's options

DESCRIPTION = """\
Make all pictures of a folder or bucket larger and cleaner, on this machine or on many. INPUT is a
folder, taken with all that is below it, a glob such as 'scans/**.tif', or a file; OUTPUT is a
folder, and the tree is kept. Both may be gs:// addresses. A picture that cannot be done is written
with its reason into failures.jsonl and the others go on; results that exist are skipped. All
options of Apache Beam and its runners can be given too, as --name=value:
--direct_running_mode=multi_processing --direct_num_workers=2 uses two processes of this machine.
The exit code is 0 if every picture is done, 1 if some could not be done, 2 for wrong usage."""

# What Beam's DirectRunner falls back to, after it has tried to download a program.
_THIS_MACHINE = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
_DEFAULT_MAX_PIXELS = 1_000_000_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "batch",
        help="a folder or bucket of any size, on Apache Beam",
        description=DESCRIPTION,
        allow_abbrev=False,  # --temp and the like are not ours
    )
    parser.add_argument("input", metavar="INPUT", help="a folder, glob or file, local or gs://")
    parser.add_argument("output", metavar="OUTPUT", help="a folder, local or gs://")
    upscale.add_picture_options(parser, "the same as the original")
    parser.add_argument(
        "--overwrite", action="store_true", help="also make results that exist already"
    )
    parser.add_argument(
        "--whole-pixels",
        type=int,
        metavar="PIXELS",
        help="larger pictures are cut into regions that workers share, and become tiled TIFFs "
        "(default: SRGAN_MAX_PIXELS)",
    )
    parser.add_argument(
        "--max-pixels",
        type=int,
        default=_DEFAULT_MAX_PIXELS,
        metavar="PIXELS",
        help=f"larger pictures are refused (default: {_DEFAULT_MAX_PIXELS:,})",
    )
    parser.add_argument(
        "--region-pixels",
        type=int,
        metavar="PIXELS",
        help="of a region, about; one row of windows is the least (default: a megapixel)",
    )
    parser.add_argument(
        "--threads", type=int, metavar="NUMBER", help="of each worker process (default: all cores)"
    )
    parser.add_argument(
        "--lists",
        type=int,
        default=1,
        metavar="NUMBER",
        help="files that each list is written into (default: 1; 0 lets the runner choose)",
    )
    parser.add_argument("--runner", metavar="NAME", help="Beam's runner (default: this machine)")


def run(args: argparse.Namespace) -> int:
    """Run the pipeline; gives the exit code. Raises SrganError, and what the runner raises."""
    if find_spec("apache_beam") is None:
        raise NetworkUnavailable(
            "The command batch needs Apache Beam, in an environment of its own: "
            "make .venv-batch/.ready, then .venv-batch/bin/srgan batch "
            "(docs/batch.md says how without make)."
        )
    from srgan.scale_out.manifest import make_folder
    from srgan.scale_out.matching import unread
    from srgan.scale_out.run import options_from
    from srgan.scale_out.run import run as run_order

    passed_on: Sequence[str] = args.passed_on
    flags = [*passed_on, f"--runner={args.runner or _THIS_MACHINE}"]
    options = options_from(flags)
    order = _order(args)
    make_folder(order)
    unread_ones = unread(order.input, order.output, upscale.say)
    started = time.monotonic()
    try:
        outcome = run_order(order, options, unread_ones, args.lists)
    except WorkerLost as error:
        upscale.say(f"srgan: {error}")
        sys.stderr.flush()
        os._exit(1)  # Beam's threads wait for the lost worker for ever
    if outcome is None:
        print("The run was handed to the runner, which goes on with it.")
        return 0
    if outcome.noisy:
        upscale.say(upscale.offer(outcome.noisy, outcome.looked_at, outcome.pictures))
    upscale.say(
        upscale.summary(
            {
                "done": outcome.pictures,
                "pixels": outcome.pixels,
                "skipped": outcome.skipped,
                "failed": outcome.failures,
            },
            interrupted=False,
            seconds=time.monotonic() - started,
        )
    )
    if outcome.failures:
        upscale.say(f"Why they failed is in {order.output}/_srgan/{order.run}/failures.jsonl")
    return 1 if outcome.failures else 0


def _order(args: argparse.Namespace) -> "Order":
    from srgan.limits import limits
    from srgan.records import settings_of
    from srgan.scale_out.files import is_utf8
    from srgan.scale_out.matching import absolute, is_pattern, pattern_and_root, place_below
    from srgan.scale_out.order import REGION_PIXELS, Order
    from srgan.scale_out.orphans import this_process
    from srgan.zoo import load_zoo

    upscale.check_quality(args.quality)
    for name in ("whole_pixels", "region_pixels", "max_pixels", "threads"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise BadOption(f"--{name.replace('_', '-')} must be 1 or more, not {value}.")
    whole = args.whole_pixels or limits().max_pixels
    zoo = load_zoo()
    options = upscale.options_of(args)
    options = replace(options, model=options.model or zoo.default)  # named in the manifest
    pattern, root = pattern_and_root(args.input)
    output = absolute(args.output)
    if is_pattern(output):
        raise BadOption(
            "OUTPUT may have no * ? or [ in its name, which Apache Beam takes for a pattern: "
            f"{output}"
        )
    for name, address in (("INPUT", pattern), ("OUTPUT", output)):
        if not is_utf8(address):
            raise BadOption(f"{name} has a name in it that is not UTF-8. Please rename that.")
    if output == root:
        raise BadOption("OUTPUT is the folder that is read. Please choose another one.")
    if place_below(output, root) is not None:  # what is in OUTPUT is not read
        raise BadOption("OUTPUT holds the folder that is read. Please choose another one.")
    return Order(
        input=args.input,
        output=output,
        run=Order.name_of_run(datetime.now(UTC)),
        options=options,
        format=upscale.format_of(args.format),
        quality=args.quality,
        overwrite=args.overwrite,
        whole_pixels=whole,
        max_pixels=args.max_pixels,
        threads=args.threads,
        settings=settings_of(zoo, options, args.quality),
        launcher=this_process(),
        region_pixels=args.region_pixels or REGION_PIXELS,
        look_at=upscale.LOOKED_AT if args.denoise is None else 0,
    )
