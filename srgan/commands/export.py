"""`python -m srgan export`: trained weights into `models/`, with their place in the manifest."""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from srgan.errors import BadOption

# Halos and windows: measured on the shipped weights, see docs/tiling.md.
FACTS: dict[str, dict[str, Any]] = {
    "faithful": {
        "kind": "generator",
        "architecture": "paper",
        "summary": "true to the picture, from the paper's large network: the truest, and slow",
        "halo": 10,
        "window": 416,
        "tail": {"context": 3, "window": 211},
    },
    "faithful-fast": {
        "kind": "generator",
        "architecture": "compact",
        "summary": "true to the picture, and quick: the best choice for now",
        "halo": 10,
        "window": 416,
    },
    "detailed": {
        "kind": "generator",
        "architecture": "paper",
        "summary": "crisp, for looking at, from the paper's large network",
        "halo": 10,
        "window": 416,
        "tail": {"context": 3, "window": 211},
    },
    "detailed-fast": {
        "kind": "generator",
        "architecture": "compact",
        "summary": "crisp, for looking at: fine detail is made up where it cannot be known",
        "halo": 9,
        "window": 416,
    },
    "autoencoder": {
        "kind": "autoencoder",
        "architecture": "autoencoder",
        "summary": "takes noise, JPEG blocks and ringing away",
        "halo": 0,  # the generators' own is enough
        "window": 416,
    },
    "autoencoder-detailed": {
        "kind": "autoencoder",
        "architecture": "autoencoder",
        "summary": "takes noise, JPEG blocks and ringing away, and leaves things crisp",
        "halo": 0,  # as above
        "window": 416,
    },
}
# what cleans a generator's output: the first of these that is there
CLEANERS = {
    "faithful": ("autoencoder",),
    "faithful-fast": ("autoencoder",),
    "detailed": ("autoencoder-detailed", "autoencoder"),
    "detailed-fast": ("autoencoder-detailed", "autoencoder"),
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("export", help="write trained networks for serving")
    parser.add_argument("name", choices=FACTS, help="the network's name in the zoo")
    parser.add_argument(
        "weights", type=Path, nargs="?", help="its trained .weights.h5 (default: the zoo's own)"
    )
    parser.add_argument(
        "--recipe",
        action="append",
        metavar="STAGE",
        help="how it was trained, in words, a stage each time (default: as before)",
    )
    parser.add_argument(
        "--then",
        metavar="STAGE",
        help="how it was trained on from the weights in the zoo: a stage after those before",
    )
    parser.add_argument(
        "--toward",
        metavar="FILE*SHARE",
        help="go that share of the way to the weights in FILE, which smooths what an adversary "
        "made restless (arXiv 1809.00219, section 3.4)",
    )
    parser.add_argument(
        "--int8",
        type=Path,
        metavar="DIR",
        help="in its 8-bit form, for what its maps are when it is shown the pictures in DIR",
    )
    parser.add_argument("--level", action="store_true", help="let flat pictures keep their level")
    parser.add_argument("--models", type=Path, help="the zoo's folder (default: the shipped one)")
    parser.add_argument("--default", action="store_true", help="make it the default model")


def run(args: argparse.Namespace) -> int:
    """Write the LiteRT file, copy the weights, update the manifest; returns an exit code."""
    from srgan.networks import SCALE
    from srgan.networks.arithmetic import multiply_adds_per_lr_pixel, of_the_tail
    from srgan.networks.export import to_litert
    from srgan.networks.levelling import level
    from srgan.networks.stored import has_batch_norm, stored
    from srgan.zoo import MANIFEST, models_folder

    folder = args.models or models_folder()
    facts = FACTS[args.name]
    path = folder / MANIFEST
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {"networks": {}}
    networks = manifest["networks"]
    weights = folder / "weights" / f"{args.name}.weights.h5"
    source = args.weights or weights
    if not source.is_file():
        print(f"srgan export: there is no file {source}", file=sys.stderr)
        return 2
    before = networks.get(args.name, {})
    # what was measured belongs to the weights: `srgan evaluate` fills it for new ones
    changed = args.toward or args.int8 or args.level or has_batch_norm(source)
    same = not changed and before.get("weights_sha256") == _sha256(source)
    kept = before if same else {}
    recipe = args.recipe or (before if args.then else kept).get("recipe", [])
    recipe = [*recipe, *([args.then] if args.then else [])]
    if not recipe:
        print("srgan export: --recipe, or --then, is needed: how was it trained?", file=sys.stderr)
        return 2
    form, model = stored(facts["architecture"], source)
    weights.parent.mkdir(parents=True, exist_ok=True)
    if args.toward:
        _go_toward(model, facts["architecture"], args.toward)
    if args.int8:
        form, model = _in_int8(form, model, args.int8)
    if args.level:
        level(model)
    if changed:
        model.save_weights(weights)
    elif not (weights.exists() and weights.samefile(source)):
        shutil.copyfile(source, weights)
    file = folder / f"{args.name}.tflite"
    file.write_bytes(to_litert(model))
    tail = facts.get("tail")
    networks[args.name] = {
        **facts,
        "architecture": form,
        "tail": tail and {**tail, "multiply_adds": round(of_the_tail(model))},
        "file": file.name,
        "sha256": _sha256(file),
        "weights": weights.relative_to(folder).as_posix(),
        "weights_sha256": _sha256(weights),
        "scale": SCALE,
        "multiply_adds": round(multiply_adds_per_lr_pixel(model)),
        "autoencoder": None,
        "recipe": recipe,
        "benchmark": kept.get("benchmark", {}),
    }
    for name, cleaners in CLEANERS.items():
        if name in networks:
            networks[name]["autoencoder"] = next(filter(networks.__contains__, cleaners), None)
    if args.default or "default" not in manifest:
        generators = [n for n, f in networks.items() if f["kind"] == "generator"]
        if generators:
            manifest["default"] = args.name if args.default else generators[0]
    manifest["networks"] = {name: networks[name] for name in FACTS if name in networks}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(f"{args.name}: {file.stat().st_size / 1e6:.2f} MB, {networks[args.name]['sha256']}")
    return 0


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _go_toward(model: Any, architecture: str, wanted: str) -> None:
    """Move the weights of `model` as `--toward` says. Raises BadOption and NetworkUnavailable.

    Either may be of the 8-bit form: a range that the other has not stays where it is.
    """
    from srgan.networks.stored import stored

    file, _, text = wanted.rpartition("*")
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not (Path(file).is_file() and 0 <= share <= 1):
        raise BadOption(f"--toward is the name of a file, * and a share from 0 to 1, not {wanted}.")
    _, other = stored(architecture, Path(file))
    goals = {layer.name: layer.get_weights() for layer in other.layers}
    for layer in model.layers:
        if layer.name in goals:
            pairs = zip(layer.get_weights(), goals[layer.name], strict=True)
            layer.set_weights([own + share * (goal - own) for own, goal in pairs])


def _in_int8(architecture: str, model: Any, folder: Path) -> tuple[str, Any]:
    """The 8-bit form of `model` and its name. Raises BadOption."""
    from srgan.networks import BUILDERS, INT8
    from srgan.training.calibration import in_int8

    if architecture.endswith(INT8):
        raise BadOption("This network is in its 8-bit form already: leave --int8 out.")
    if architecture + INT8 not in BUILDERS:
        raise BadOption(f"There is no 8-bit form of {architecture}.")
    try:
        return architecture + INT8, in_int8(architecture, model, folder)
    except FileNotFoundError as error:
        raise BadOption(f"The pictures for --int8 cannot be used: {error}.") from error
