"""`python -m srgan evaluate`: measure the quality of every model on benchmark pictures."""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan.errors import BadOption, CannotWrite

if TYPE_CHECKING:
    from srgan.evaluation.benchmark_sets import BenchmarkSet
    from srgan.evaluation.scoring import Result
    from srgan.upscaler import Upscaler

# Measured side by side: the arithmetic of one beside the networks of the other, on any machine.
PICTURES_AT_A_TIME = 2
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
SHOWN = 4  # pictures of each set and folder on a sheet

DESCRIPTION = """\
PSNR and SSIM on luma and LPIPS (AlexNet) of bicubic enlargement and of each model, with denoising
off and on, for each set in a folder: SET/HR and SET/LR with equal names, and for words that are
drawn. A border of 4 pixels does not count."""


# argparse._SubParsersAction has no public name.
def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate", help="measure quality on benchmark pictures", description=DESCRIPTION
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the sets' folder")
    parser.add_argument("--models", nargs="+", metavar="NAME", help="only these (default: all)")
    parser.add_argument(
        "--degrade",
        action="store_true",
        help="add noise (sigma 10), then JPEG (quality 40), to the inputs",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there")
    parser.add_argument(
        "--lpips",
        metavar="WEIGHTS",
        help="LPIPS's weights, an .npz (default: the file that SRGAN_LPIPS_WEIGHTS names)",
    )
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="draw quality against model there, as PNG"
    )
    parser.add_argument(
        "--speed",
        type=Path,
        metavar="FILE",
        help="what `srgan benchmark --json` printed, for the plots and the model card",
    )
    parser.add_argument(
        "--sheets",
        type=Path,
        metavar="DIR",
        help="put sheets of crops there, as PNG: of the sets, and of flat and gradient pictures",
    )
    parser.add_argument(
        "--show",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="with --sheets: these pictures too, made small by bicubic; of a folder, some",
    )
    parser.add_argument(
        "--update-manifest",
        action="store_true",
        help="measure all, clean and degraded, and write it into the zoo: manifest and model card",
    )


def run(args: argparse.Namespace) -> int:
    """Print the tables; returns 0. Raises srgan.errors.SrganError."""
    from tqdm import tqdm

    from srgan.evaluation import methods, report
    from srgan.evaluation.benchmark_sets import find_sets
    from srgan.evaluation.lpips import WEIGHTS_VARIABLE, Lpips, weights_file
    from srgan.evaluation.publish import publish, seconds_per_megapixel
    from srgan.evaluation.remembering import RememberingUpscaler
    from srgan.evaluation.scoring import score
    from srgan.evaluation.words import words

    if args.update_manifest and (args.models or args.degrade):
        raise BadOption("--update-manifest measures everything: it goes without the others.")
    if args.show and args.sheets is None:
        raise BadOption("--show says what is on the sheets: name a folder for them with --sheets.")
    conditions = [False, True] if args.update_manifest else [args.degrade]
    weights = weights_file(args.lpips)
    if args.update_manifest and weights is None:
        raise BadOption("--update-manifest measures LPIPS too: name its weights with --lpips.")
    lpips = Lpips(weights) if weights else None
    speed = _speed(args.speed)
    sets = [*find_sets(args.data), words()]
    upscaler = RememberingUpscaler()
    models = args.models or upscaler.zoo.models()
    compared = [methods.BICUBIC, *methods.of_models(upscaler, models)]
    total = sum(len(it.pairs) for it in sets) * len(compared) * len(conditions)
    results: dict[bool, list[Result]] = {degraded: [] for degraded in conditions}
    with tqdm(total=total, unit="picture", desc="evaluate") as bar:
        for degraded, scored in results.items():
            for result in score(
                sets,
                compared,
                lpips=lpips.to if lpips else None,
                degraded=degraded,
                threads=PICTURES_AT_A_TIME,
            ):
                scored.append(result)
                bar.update()
    for degraded, scored in results.items():
        print(f"\n{_inputs(degraded)}:")
        print(report.text_table(report.means(scored)))
    if lpips is None:
        print(f"\nLPIPS was not measured: name its weights with --lpips or {WEIGHTS_VARIABLE}.")
    if args.json:
        named = {report.condition(key): report.as_json(value) for key, value in results.items()}
        try:
            args.json.write_text(json.dumps(named, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CannotWrite(f"{args.json} cannot be written: {error.strerror}.") from error
    if args.update_manifest:
        publish(upscaler.zoo, clean=results[False], degraded=results[True], speed=speed)
    if args.plots:
        _plots(args.plots, results, seconds_per_megapixel(speed))
    if args.sheets:
        _sheets(args.sheets, sets, args.show, conditions, upscaler, models)
    return 0


def _inputs(degraded: bool) -> str:
    return "noise of sigma 10, then JPEG of quality 40" if degraded else "clean inputs"


def _speed(file: Path | None) -> dict[str, Any] | None:
    from srgan.evaluation.publish import speed_table

    if file is None:
        return None
    try:
        speed: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        speed_table(speed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadOption(f"{file} is not what `srgan benchmark --json` prints.") from error
    return speed


def _plots(folder: Path, results: "dict[bool, list[Result]]", seconds: dict[str, float]) -> None:
    from srgan.evaluation import drawing, report
    from srgan.evaluation.published import PUBLISHED
    from srgan.evaluation.quality_plot import quality_plot

    for degraded, scored in results.items():
        plot = quality_plot(
            report.means(scored),
            PUBLISHED,
            f"x4, {_inputs(degraded)}",
            seconds,
            degraded,
        )
        drawing.save(plot, folder / f"quality-{report.condition(degraded)}.png")


def _sheets(
    folder: Path,
    sets: "Sequence[BenchmarkSet]",
    shown: Sequence[Path],
    conditions: Sequence[bool],
    upscaler: "Upscaler",
    models: Sequence[str],
) -> None:
    """For clean inputs what the models make, for degraded ones that and what is denoised of it."""
    from srgan.evaluation import drawing, methods, report, sheets

    ways = list(methods.of_models(upscaler, models))
    plain = [way for way in ways if not way.name.endswith(methods.DENOISED)]
    for degraded in conditions:
        compared = [methods.BICUBIC, *(ways if degraded else plain)]
        ending = "" if not degraded else f"-{report.condition(degraded)}"
        groups = {it.name: sheets.of_set(it, SHOWN, degraded) for it in sets}
        groups |= {name: sheets.of_files(files, degraded) for name, files in _named(shown)}
        if not degraded:
            groups["patterns"] = sheets.of_patterns()
        for name, pictures in groups.items():
            drawing.save(sheets.sheet(pictures, compared), folder / f"{name}{ending}.png")


def _named(paths: Sequence[Path]) -> Iterator[tuple[str, list[Path]]]:
    """The names of sheets and the pictures on each: one of each folder, one of all files."""
    from srgan.evaluation.sheets import spread

    alone = [path for path in paths if not path.is_dir()]
    if alone:
        yield "pictures", alone
    for folder in paths:
        if folder.is_dir():
            files = sorted(it for it in folder.iterdir() if it.suffix.lower() in PICTURES)
            if not files:
                raise BadOption(f"There is no picture in {folder}.")
            yield folder.resolve().name, spread(files, 2 * SHOWN)
