"""Tiled against untiled output of the shipped networks."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srgan.upscaler import Options, Upscaler
from tests.photos import gradient, photograph

pytestmark = pytest.mark.usefixtures("cleaned_in_full")

# Levels. In a network of bytes what differs by a hair may be another byte: a level, at random, at
# some of the places that a window's edge reaches, and not a seam.
MOST, MEAN = 2, 0.03
SIZES = [(331, 200), (257, 263), (120, 401)]  # (width, height)


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler()


def _with_windows(upscaler, monkeypatch, size, part):
    """The same upscaler with other largest windows and parts of them; halos stay as they are."""
    monkeypatch.setattr("srgan.upscaler._CLEANED", size * part)
    for name, network in list(upscaler.zoo.networks.items()):
        tail = network.tail and replace(network.tail, window=part)
        changed = replace(network, window=size, tail=tail)
        monkeypatch.setitem(upscaler.zoo.networks, name, changed)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("picture", [photograph, gradient])
@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_no_seams(upscaler, model, denoise, picture, size, tmp_path, monkeypatch):
    pixels = picture(*size)
    options = Options(model=model, denoise=denoise)
    _with_windows(upscaler, monkeypatch, 120, 60)
    assert len(upscaler.plan(size, options)) >= 4
    tiled = upscaler.upscale(pixels, options).rgb.astype(np.int16)
    _with_windows(upscaler, monkeypatch, 1000, 1000)
    assert len(upscaler.plan(size, options)) == 1
    whole = upscaler.upscale(pixels, options).rgb.astype(np.int16)
    difference = np.abs(tiled - whole)
    if difference.max() > MOST or difference.mean() >= MEAN:
        Image.fromarray((difference * 60).clip(0, 255).astype(np.uint8)).save(tmp_path / "seam.png")
    assert difference.max() <= MOST, f"see {tmp_path}/seam.png"
    assert difference.mean() < MEAN, f"see {tmp_path}/seam.png"


@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_halos_cost_little(upscaler, model, denoise):
    """At most 9% for a usual small picture, and 13.5% for any that is larger."""
    options = Options(model=model, denoise=denoise)
    assert upscaler.overhead((1000, 750), options) <= 0.09
    larger = [(w, h) for w in range(1000, 5000, 61) for h in range(750, 3400, 53)]
    assert max(upscaler.overhead(size, options) for size in larger) <= 0.135


def test_a_picture_of_one_window_and_one_part_costs_nothing(upscaler):
    for model in upscaler.zoo.models():
        for denoise in (0, 1):
            assert upscaler.overhead((190, 190), Options(model=model, denoise=denoise)) == 0


def test_overhead_weighs_each_network_by_its_arithmetic(upscaler, monkeypatch):
    """Two windows of 100 × 50 share two halos' columns: all networks do these twice."""
    _with_windows(upscaler, monkeypatch, 100, 1000)
    for model in upscaler.zoo.models():
        size = (200 - 2 * upscaler.zoo.model(model).halo, 50)
        for denoise in (0, 1):
            options = Options(model=model, denoise=denoise)
            assert upscaler.overhead(size, options) == pytest.approx(200 / size[0] - 1)
    _with_windows(upscaler, monkeypatch, 1000, 50)
    network = upscaler.zoo.model("faithful")
    # the tail alone, in two parts that share 6 columns
    expected = network.tail.multiply_adds / network.multiply_adds * 6 / 94
    assert upscaler.overhead((94, 50), Options(model="faithful")) == pytest.approx(expected)
