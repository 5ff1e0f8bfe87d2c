import subprocess
import sys

import pytest

from srgan.evaluation import speed
from srgan.litert import LiteRTEngine
from srgan.upscaler import Options, Upscaler

SIZE = (40, 24)


@pytest.fixture(scope="module")
def engine() -> LiteRTEngine:
    return LiteRTEngine(1)


@pytest.fixture(scope="module")
def upscaler(engine) -> Upscaler:
    return Upscaler(engine=engine)


def test_each_model_is_measured_without_and_with_denoising(upscaler, engine):
    model = upscaler.zoo.default
    told = []
    speeds = speed.measure(
        upscaler, engine, [model], 1, size=SIZE, rounds=2, on_step=lambda *step: told.append(step)
    )
    assert [(it.model, it.denoise) for it in speeds] == [(model, False), (model, True)]
    assert told == [(i, 6) for i in range(1, 7)]
    assert all(0 < it.native_seconds < it.seconds for it in speeds)
    assert all(it.tensorflow_ratio is None for it in speeds)


def test_the_numbers_follow_from_one_another(upscaler, engine, monkeypatch):
    """Rounds of 9, 4 and 6 seconds, of which LiteRT has 5, 2 and 3; the median counts."""
    rounds = iter([(9.0, 5.0), (1.0, 1.0), (4.0, 2.0), (1.0, 1.0), (6.0, 3.0), (1.0, 1.0)])
    now = [0.0]

    def upscale(*_):
        seconds, native = next(rounds)
        now[0] += seconds
        engine.seconds += native

    monkeypatch.setattr(upscaler, "upscale", upscale)
    monkeypatch.setattr(speed, "perf_counter", lambda: now[0])
    monkeypatch.setattr(speed, "_alone", lambda *_: (100_000_000, 4.5))
    network = upscaler.zoo.model(upscaler.zoo.default)
    pixels = SIZE[0] * SIZE[1]
    measured = speed.measure(upscaler, engine, [network.name], 1, size=SIZE, rounds=3)[0]
    assert measured.window == SIZE
    assert measured.halo_overhead == 0
    assert (measured.seconds, measured.native_seconds) == (6.0, 3.0)
    assert measured.pipeline_overhead == pytest.approx(1)
    assert measured.gflops == pytest.approx(2 * network.multiply_adds * pixels / 3 / 1e9)
    assert measured.seconds_per_megapixel == pytest.approx(6 / pixels * 1e6)
    assert measured.extra_bytes == 100_000_000 - 3 * 17 * pixels
    assert measured.ready_seconds == 4.5


RIVAL = """
from srgan.evaluation import speed
from srgan.litert import LiteRTEngine
from srgan.zoo import load_zoo
speed.RIVAL_SIDE = 16
zoo = load_zoo()
assert speed._rival(LiteRTEngine(1), [zoo.model(zoo.default)], 1, 1) > 0
"""


def test_tensorflow_runs_the_same_window():
    """In a process of its own, because TensorFlow takes its threads before its first use only."""
    subprocess.run([sys.executable, "-c", RIVAL], check=True)


def test_the_sample_is_the_same_each_time_and_of_the_size_asked_for():
    assert speed.sample((30, 20)).size == (30, 20)
    assert (speed.sample((30, 20)).rgb == speed.sample((30, 20)).rgb).all()


def test_a_process_of_its_own_says_its_memory(upscaler):
    peak, seconds = speed._alone(Options(model=upscaler.zoo.default), 1, SIZE, upscaler.zoo.folder)
    assert peak > 20_000_000
    assert seconds > 0
