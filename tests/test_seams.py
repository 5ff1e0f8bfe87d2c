"""Tiled against untiled output of the shipped networks."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srgan.upscaler import Options, Upscaler
from tests.photos import gradient, photograph

MOST, MEAN = 2, 0.02  # levels
SIZES = [(331, 200), (257, 263), (120, 401)]  # (width, height)


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler()


def _with_windows(upscaler, monkeypatch, size):
    """The same upscaler with other largest windows; halos stay as they are."""
    for name, network in list(upscaler.zoo.networks.items()):
        monkeypatch.setitem(upscaler.zoo.networks, name, replace(network, window=size))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("picture", [photograph, gradient])
@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_no_seams(upscaler, model, denoise, picture, size, tmp_path, monkeypatch):
    pixels = picture(*size)
    options = Options(model=model, denoise=denoise)
    _with_windows(upscaler, monkeypatch, 120)
    assert len(upscaler.plan(size, options)) >= 4
    tiled = upscaler.upscale(pixels, options).rgb.astype(np.int16)
    _with_windows(upscaler, monkeypatch, 1000)
    assert len(upscaler.plan(size, options)) == 1
    whole = upscaler.upscale(pixels, options).rgb.astype(np.int16)
    difference = np.abs(tiled - whole)
    if difference.max() > MOST or difference.mean() >= MEAN:
        Image.fromarray((difference * 60).clip(0, 255).astype(np.uint8)).save(tmp_path / "seam.png")
    assert difference.max() <= MOST, f"see {tmp_path}/seam.png"
    assert difference.mean() < MEAN, f"see {tmp_path}/seam.png"


@pytest.mark.parametrize(("model", "most"), [("faithful-fast", 0.15), ("faithful", 0.45)])
@pytest.mark.parametrize("denoise", [0, 1])
def test_halos_cost_little(upscaler, model, denoise, most):
    assert upscaler.plan((1000, 750), Options(model=model, denoise=denoise)).overhead < most
