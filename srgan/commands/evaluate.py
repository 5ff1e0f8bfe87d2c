"""`python -m srgan evaluate`: measure the quality of every model on benchmark pictures."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srgan.errors import BadOption, CannotWrite

if TYPE_CHECKING:
    from srgan.evaluation.scoring import Result

DESCRIPTION = """\
PSNR and SSIM on luma and LPIPS (AlexNet) of bicubic enlargement and of each model, with denoising
off and on, for each set in a folder: SET/HR and SET/LR with equal names. A border of 4 pixels does
not count."""


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
    from srgan.evaluation.publish import publish
    from srgan.evaluation.scoring import score
    from srgan.upscaler import Upscaler

    if args.update_manifest and (args.models or args.degrade):
        raise BadOption("--update-manifest measures everything: it goes without the others.")
    conditions = [False, True] if args.update_manifest else [args.degrade]
    weights = weights_file(args.lpips)
    if args.update_manifest and weights is None:
        raise BadOption("--update-manifest measures LPIPS too: name its weights with --lpips.")
    lpips = Lpips(weights) if weights else None
    sets = find_sets(args.data)
    upscaler = Upscaler()
    models = args.models or upscaler.zoo.models()
    compared = [methods.BICUBIC, *methods.of_models(upscaler, models)]
    total = sum(len(it.pairs) for it in sets) * len(compared) * len(conditions)
    results: dict[bool, list[Result]] = {degraded: [] for degraded in conditions}
    with tqdm(total=total, unit="picture", desc="evaluate") as bar:
        for degraded, scored in results.items():
            for result in score(sets, compared, lpips=lpips, degraded=degraded):
                scored.append(result)
                bar.update()
    for degraded, scored in results.items():
        print("\nnoise of sigma 10, then JPEG of quality 40:" if degraded else "\nclean inputs:")
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
        publish(upscaler.zoo, clean=results[False], degraded=results[True])
    return 0
