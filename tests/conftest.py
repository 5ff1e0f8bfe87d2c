"""What several tests share."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# TensorFlow's start-up chatter would bury a failure.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of pictures and weights that lies beside a checkout and is not part of it."""
    folder = Path(os.environ.get("SRGAN_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the benchmark pictures are not on this machine (no {folder / 'data'})")
    return folder


@pytest.fixture
def cleaned_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Denoise clean pictures too, so that what the autoencoders make of them shows."""
    monkeypatch.setattr("srgan.cleanness.share", lambda changed: 1.0)


MakeSet = Callable[..., Path]


@pytest.fixture
def make_set(tmp_path: Path) -> MakeSet:
    """Write a small benchmark set under tmp_path / "data" and return that folder."""

    def make(name: str, pictures: int = 2, size: tuple[int, int] = (64, 48), mode: str = "RGB"):
        folder = tmp_path / "data" / name
        for kind in ("HR", "LR"):
            (folder / kind).mkdir(parents=True)
        rng = np.random.default_rng(len(name))
        for i in range(pictures):
            # Smooth enough that an enlargement can be right.
            coarse = rng.integers(0, 256, (8, 8, 3), np.uint8)
            hr = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).convert(mode)
            lr = hr.resize((size[0] // 4, size[1] // 4), Image.Resampling.BICUBIC)
            hr.save(folder / "HR" / f"p{i}.png")
            lr.save(folder / "LR" / f"p{i}.png")
        return tmp_path / "data"

    return make
