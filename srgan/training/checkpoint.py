"""Checkpoints of everything a run needs to go on: written whole or not at all."""

import json
import os
import shutil
from pathlib import Path

import numpy as np

PART_BYTES = 12_000_000  # no single file grows too large to be moved about


def save_checkpoint(folder: Path, arrays: dict[str, list[np.ndarray]], facts: dict) -> None:
    """Write named lists of arrays and JSON facts as `folder`, replacing what was there.

    The files are written beside the folder and renamed, so an interrupted save leaves the old
    checkpoint (or its copy with the ending `.old`) in place.
    """
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    flat = {f"{name}/{i:04d}": a for name, group in arrays.items() for i, a in enumerate(group)}
    parts: list[dict[str, np.ndarray]] = [{}]
    room = PART_BYTES
    for key, array in flat.items():
        if array.nbytes > room and parts[-1]:
            parts.append({})
            room = PART_BYTES
        parts[-1][key] = array
        room -= array.nbytes
    for number, part in enumerate(parts):
        np.savez(fresh / f"part-{number:02d}.npz", **part)  # type: ignore[arg-type]
    facts = {**facts, "parts": len(parts), "groups": {k: len(v) for k, v in arrays.items()}}
    (fresh / "facts.json").write_text(json.dumps(facts, indent=1))
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path) -> tuple[dict[str, list[np.ndarray]], dict]:
    """Read what `save_checkpoint` wrote. Raises `FileNotFoundError` if there is none."""
    if not folder.exists() and folder.with_name(folder.name + ".old").exists():
        folder = folder.with_name(folder.name + ".old")
    facts = json.loads((folder / "facts.json").read_text())
    flat: dict[str, np.ndarray] = {}
    for number in range(facts["parts"]):
        with np.load(folder / f"part-{number:02d}.npz") as part:
            flat.update({key: part[key] for key in part.files})
    groups = {
        name: [flat[f"{name}/{i:04d}"] for i in range(count)]
        for name, count in facts["groups"].items()
    }
    return groups, facts


def arrays_of(variables) -> list[np.ndarray]:
    """The values of Keras variables as NumPy arrays."""
    import keras

    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


def assign(variables, arrays: list[np.ndarray]) -> None:
    """Put `arrays` into Keras variables; raises `ValueError` if they do not fit."""
    if len(variables) != len(arrays):
        raise ValueError(f"the checkpoint has {len(arrays)} arrays, the run {len(variables)}")
    for variable, array in zip(variables, arrays, strict=True):
        if tuple(variable.shape) != tuple(array.shape):
            raise ValueError(
                f"{variable.path} has shape {tuple(variable.shape)}, "
                f"the checkpoint's has {array.shape}"
            )
        variable.assign(array)
