"""What several tests share."""

import os
from pathlib import Path

import pytest

# TensorFlow's start-up chatter would bury a failure.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of pictures and weights that lies beside a checkout and is not part of it."""
    folder = Path(os.environ.get("SRGAN_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the benchmark pictures are not on this machine (no {folder / 'data'})")
    return folder
