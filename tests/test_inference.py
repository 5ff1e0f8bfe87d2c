"""Engines: which there are, and that they agree."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from srgan.errors import BadOption, NetworkUnavailable
from srgan.inference import make_engine
from srgan.quiet import hushed
from srgan.upscaler import Options, Upscaler
from srgan.zoo import load_zoo
from tests.photos import gradient, photograph

pytestmark = pytest.mark.usefixtures("cleaned_in_full")


@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_tensorflow_gives_the_same_picture(model):
    photo = photograph(61, 47)
    options = Options(model=model, denoise=1)
    lite = Upscaler(engine="litert").upscale(photo, options).rgb.astype(int)
    full = Upscaler(engine="tensorflow").upscale(photo, options).rgb.astype(int)
    difference = np.abs(lite - full)
    # where sums are a hair's breadth apart, bytes are sometimes one apart
    assert difference.max() <= 4
    assert difference.mean() < 0.25


@pytest.mark.parametrize("name", load_zoo().networks)
def test_a_batch_gives_what_each_window_gives(name):
    """The way of a GPU, on the processor: several windows at a time, in TensorFlow."""
    network = load_zoo().networks[name]
    windows = np.stack([photograph(32, 24), gradient(32, 24)]).astype(np.float32)
    engine = make_engine("tensorflow")
    together = engine.run(network, windows)
    assert together.shape[0] == 2
    for window, result in zip(windows, together, strict=True):
        np.testing.assert_allclose(engine.run(network, window[np.newaxis])[0], result, atol=0.01)


@pytest.mark.parametrize("name", load_zoo().networks)
def test_half_precision_hardly_shows(name):
    from srgan.networks.engine import TensorFlowEngine

    network = load_zoo().networks[name]
    window = photograph(32, 24)[np.newaxis].astype(np.float32)
    exact = TensorFlowEngine(half=False).run(network, window)
    half = TensorFlowEngine(half=True).run(network, window)
    assert half.dtype == np.float32
    assert np.abs(half - exact).mean() < 0.25


def test_batches_are_as_large_as_the_engine_wants(monkeypatch):
    upscaler = Upscaler(threads=1)
    network = upscaler.zoo.model(upscaler.zoo.default)
    monkeypatch.setitem(upscaler.zoo.networks, network.name, replace(network, window=40))
    photo = photograph(90, 50)
    wanted = upscaler.upscale(photo).rgb
    assert len(upscaler.plan((90, 50), Options())) == 8
    sizes = []
    run = upscaler._engine.run

    def counted(network, windows):
        sizes.append(len(windows))
        return run(network, windows)

    monkeypatch.setattr(upscaler._engine, "batch", 3)
    monkeypatch.setattr(upscaler._engine, "run", counted)
    np.testing.assert_array_equal(upscaler.upscale(photo).rgb, wanted)
    assert sizes == [3, 3, 2]


OUT_OF_MEMORY = """
import resource
import numpy as np
from srgan import Options, Upscaler
upscaler = Upscaler(threads=1)
noise = np.random.default_rng(0).integers(0, 256, (100, 300, 3), np.uint8)
small, large = noise[:20, :30], noise
options = Options(model={model!r}, denoise=1)
upscaler.upscale(small, options)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {more}, used + {more}))
try:
    print(upscaler.upscale(large, options).size)
except Exception as error:
    print(type(error).__name__)
print(upscaler.upscale(small, options).size)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
@pytest.mark.parametrize(("more", "said"), [(60e6, "(1200, 400)"), (10e6, "NotEnoughMemory")])
def test_real_lack_of_memory_ends_no_process(more, said):
    code = OUT_OF_MEMORY.format(model=load_zoo().default, more=int(more))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [said, "(120, 80)"]


def test_litert_says_nothing_about_itself():
    code = "import srgan; srgan.Upscaler(threads=1).load()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_what_is_no_chatter_is_passed_on(capfd):
    with hushed():
        os.write(2, b"INFO: [a.cc:1] nothing\nsomething\n")
    assert capfd.readouterr().err == "something\n"


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setenv("SRGAN_ENGINE", "abacus")
    with pytest.raises(BadOption, match=r"abacus.*litert, tensorflow"):
        make_engine()


def test_threads_must_be_some():
    with pytest.raises(BadOption, match="threads"):
        make_engine(threads=0)


def test_without_tensorflow_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "srgan.networks.engine", None)
    with pytest.raises(NetworkUnavailable, match="TensorFlow"):
        make_engine("tensorflow")


MEMORY = """
from srgan import Options, Upscaler, heap
from srgan.evaluation.machine import peak_memory
from tests.photos import noisy
heap.give_back()  # as the shell and the server do
Upscaler().upscale(noisy({side}, {side}), Options(model={model!r}, denoise=1))
print(peak_memory())
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a process's own peak"
)
@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_peak_memory(model):
    """Beyond the picture and its result, with the largest windows that there can be."""
    network = load_zoo().model(model)
    side = 2 * (network.window - network.halo)  # four windows, each as large as can be
    command = [sys.executable, "-c", MEMORY.format(model=model, side=side)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) - 17 * 3 * side**2 < 500e6
