"""`python -m srgan export`: trained weights into `models/`, with their place in the manifest."""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

# Halos and windows: measured on the shipped weights, see docs/tiling.md.
FACTS: dict[str, dict[str, Any]] = {
    "faithful": {
        "kind": "generator",
        "architecture": "paper",
        "summary": "true to the picture, from the paper's large network: slow, and not yet better",
        "halo": 8,
        "window": 160,
    },
    "faithful-fast": {
        "kind": "generator",
        "architecture": "compact",
        "summary": "true to the picture, and quick: the best choice for now",
        "halo": 8,
        "window": 264,
    },
    "detailed": {
        "kind": "generator",
        "architecture": "paper",
        "summary": "sharp, with fine texture that it makes up, from the paper's large network",
        "halo": 8,
        "window": 160,
    },
    "detailed-fast": {
        "kind": "generator",
        "architecture": "compact",
        "summary": "sharp, with fine texture that it makes up, in a fraction of the time",
        "halo": 8,
        "window": 264,
    },
    "autoencoder": {
        "kind": "autoencoder",
        "architecture": "autoencoder",
        "summary": "takes noise, JPEG blocks and ringing away",
        "halo": 0,  # the generators' own is enough
        "window": 264,
    },
}
AUTOENCODER = "autoencoder"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("export", help="write trained networks for serving")
    parser.add_argument("name", choices=FACTS, help="the network's name in the zoo")
    parser.add_argument("weights", type=Path, help="its trained .weights.h5")
    parser.add_argument("--recipe", required=True, help="how it was trained, in words")
    parser.add_argument("--models", type=Path, help="the zoo's folder (default: the shipped one)")
    parser.add_argument("--default", action="store_true", help="make it the default model")


def run(args: argparse.Namespace) -> int:
    """Write the LiteRT file, copy the weights, update the manifest; returns an exit code."""
    from srgan.networks import BUILDERS, SCALE
    from srgan.networks.arithmetic import multiply_adds_per_lr_pixel
    from srgan.networks.export import to_litert
    from srgan.zoo import MANIFEST, models_folder

    folder = args.models or models_folder()
    facts = FACTS[args.name]
    model = BUILDERS[facts["architecture"]]()
    if not args.weights.is_file():
        print(f"srgan export: there is no file {args.weights}", file=sys.stderr)
        return 2
    model.load_weights(args.weights)
    (folder / "weights").mkdir(parents=True, exist_ok=True)
    file = folder / f"{args.name}.tflite"
    weights = folder / "weights" / f"{args.name}.weights.h5"
    file.write_bytes(to_litert(model))
    if not (weights.exists() and weights.samefile(args.weights)):
        shutil.copyfile(args.weights, weights)
    path = folder / MANIFEST
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {"networks": {}}
    networks = manifest["networks"]
    networks[args.name] = {
        **facts,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "weights": weights.relative_to(folder).as_posix(),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "scale": SCALE,
        "multiply_adds": round(multiply_adds_per_lr_pixel(model)),
        "autoencoder": None,
        "recipe": args.recipe,
        "benchmark": {},  # what was measured belonged to other weights: `srgan evaluate` fills it
    }
    for listed in networks.values():
        if listed["kind"] == "generator" and AUTOENCODER in networks:
            listed["autoencoder"] = AUTOENCODER
    if args.default or "default" not in manifest:
        generators = [n for n, f in networks.items() if f["kind"] == "generator"]
        if generators:
            manifest["default"] = args.name if args.default else generators[0]
    manifest["networks"] = {name: networks[name] for name in FACTS if name in networks}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(f"{args.name}: {file.stat().st_size / 1e6:.2f} MB, {networks[args.name]['sha256']}")
    return 0
