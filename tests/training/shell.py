"""Training through the shell, as a person starts it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

BACKENDS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed"
        ),
    )
    for name in ("tensorflow", "torch", "jax")
]


def train(*arguments, backend="tensorflow"):
    command = [sys.executable, "-m", "srgan", "train", *map(str, arguments)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SRGAN_")}
    return subprocess.Popen(
        command,
        env={**kept, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def trained(*arguments, backend="tensorflow"):
    process = train(*arguments, backend=backend)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, out + err
    return out + err


def options(data, output, steps, batch=2, patch=32):
    return [
        *("--data", data, "--cache", data / "cache", "--output", output),
        *("--steps", steps, "--batch", batch, "--patch", patch, "--validation-pictures", 1),
    ]
