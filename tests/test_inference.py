"""Engines: which there are, and that they agree."""

import subprocess
import sys

import numpy as np
import pytest

from srgan.errors import BadOption, NetworkUnavailable
from srgan.inference import make_engine
from srgan.upscaler import Options, Upscaler
from tests.photos import photograph


@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_tensorflow_gives_the_same_picture(model):
    photo = photograph(61, 47)
    options = Options(model=model, denoise=1)
    lite = Upscaler(engine="litert").upscale(photo, options).rgb.astype(int)
    full = Upscaler(engine="tensorflow").upscale(photo, options).rgb.astype(int)
    assert np.abs(lite - full).max() <= 1


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
import resource
import numpy as np
from srgan import Options, Upscaler
from tests.photos import gradient
Upscaler().upscale(gradient(1000, 750), Options(model={model!r}, denoise=1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KB on Linux only")
@pytest.mark.parametrize("model", Upscaler().zoo.models())
def test_peak_memory(model):
    """1.2 GB for the whole process on a 1000×750 picture."""
    command = [sys.executable, "-c", MEMORY.format(model=model)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 1.2e9
