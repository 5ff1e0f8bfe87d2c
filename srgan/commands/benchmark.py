"""`python -m srgan benchmark`: measure speed and memory on this machine."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srgan.evaluation.speed import Speed

DESCRIPTION = """\
The whole pipeline on a picture of 1000 × 750 pixels, and LiteRT's own calls within it, all models
side by side in one run. The picture is in memory before and after; reading and writing files does
not count."""

_HEADS = (
    "model",
    "denoising",
    "seconds",
    "in LiteRT",
    "s/megapixel",
    "halo",
    "around calls",
    "GFLOP/s",
    "of NumPy's",
    "peak MB",
    "beyond in+out",
    "ready s",
    "TensorFlow",
)


# argparse._SubParsersAction has no public name.
def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "benchmark", help="measure speed and memory on this machine", description=DESCRIPTION
    )
    parser.add_argument("--models", nargs="+", metavar="NAME", help="only these (default: all)")
    parser.add_argument("--threads", type=int, metavar="N", help="default: all cores")
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="medians of so many (%(default)s)"
    )
    parser.add_argument(
        "--tensorflow",
        action="store_true",
        help="also TensorFlow's time, as a multiple of LiteRT's",
    )
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="also draw a chart")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the measurements; returns 0. Raises srgan.errors.SrganError."""
    from tqdm import tqdm

    from srgan.cores import cores
    from srgan.errors import BadOption, CannotWrite
    from srgan.evaluation import machine, speed
    from srgan.litert import LiteRTEngine
    from srgan.upscaler import Upscaler

    if args.rounds < 1:
        raise BadOption(f"--rounds must be 1 or more, not {args.rounds}.")
    machine.peak_memory()  # where the system does not tell it, this is said now
    threads = cores() if args.threads is None else args.threads
    if threads < 1:
        raise BadOption(f"The number of threads must be 1 or more, not {threads}.")
    engine = LiteRTEngine(threads)
    upscaler = Upscaler(engine=engine)
    models = args.models or upscaler.zoo.models()
    here = machine.describe()
    with tqdm(desc="benchmark", unit="run") as bar:

        def on_step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        speeds = speed.measure(
            upscaler,
            engine,
            models,
            threads,
            rounds=args.rounds,
            tensorflow=args.tensorflow,
            on_step=on_step,
        )
    if args.json:
        measured = {
            "machine": asdict(here),
            "threads": threads,
            "size": speed.SIZE,
            "rounds": args.rounds,
            "models": [asdict(it) for it in speeds],
        }
        print(json.dumps(measured, indent=1))
    else:
        print(f"{here.processor}, {here.system}, {here.cores} cores; {threads} threads")
        print(f"NumPy's float32 matrix product: {here.gflops:.0f} GFLOP/s")
        print("{} × {} pixels, medians of {}\n".format(*speed.SIZE, args.rounds))
        print(_table(speeds))
    if args.chart is not None:
        from srgan.evaluation.chart import draw

        try:
            draw(speeds, here, args.chart)
        except (OSError, ValueError) as error:  # ValueError: of an ending that Pillow does not know
            why = error.strerror if isinstance(error, OSError) else error
            raise CannotWrite(f"{args.chart} cannot be written: {why}.") from error
    return 0


def _table(speeds: "list[Speed]") -> str:
    rows = [_HEADS, *map(_row, speeds)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(speed: "Speed") -> tuple[str, ...]:
    return (
        speed.model,
        "on" if speed.denoise else "off",
        f"{speed.seconds:.2f}",
        f"{speed.native_seconds:.2f}",
        f"{speed.seconds_per_megapixel:.2f}",
        f"{speed.halo_overhead:.1%}",
        f"{speed.pipeline_overhead:.1%}",
        f"{speed.gflops:.1f}",
        f"{speed.gflops / speed.matrix_gflops:.0%}",
        f"{speed.peak_bytes / 1e6:.0f}",
        f"{speed.extra_bytes / 1e6:.0f}",
        f"{speed.ready_seconds:.2f}",
        "" if speed.tensorflow_ratio is None else f"{speed.tensorflow_ratio:.1f} times",
    )
