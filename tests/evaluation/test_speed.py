import pytest

from srgan.evaluation import speed
from srgan.upscaler import Options, Upscaler

SIZE = (40, 24)


@pytest.fixture(scope="module")
def upscaler() -> Upscaler:
    return Upscaler(threads=1)


def test_each_model_is_measured_without_and_with_denoising(upscaler):
    model = upscaler.zoo.default
    told = []
    speeds = speed.measure(
        upscaler, [model], 1, size=SIZE, rounds=2, on_step=lambda *step: told.append(step)
    )
    assert [(it.model, it.denoise) for it in speeds] == [(model, False), (model, True)]
    assert told == [(i, 6) for i in range(1, 7)]


def test_the_numbers_follow_from_one_another(upscaler, monkeypatch):
    """A window for the whole picture, so nothing is computed twice; all calls take the same."""
    monkeypatch.setattr(speed, "_bare_calls", lambda *_: [0.5, 0.2, 0.9])
    monkeypatch.setattr(speed, "_alone", lambda *_: (123, 4.5))
    network = upscaler.zoo.model(upscaler.zoo.default)
    measured = speed.measure(upscaler, [network.name], 1, size=SIZE, rounds=1)[0]
    pixels = SIZE[0] * SIZE[1]
    assert measured.window == SIZE
    assert measured.halo_overhead == 0
    assert measured.bare_seconds == 0.5
    assert measured.gflops == pytest.approx(2 * network.multiply_adds * pixels / 0.5 / 1e9)
    assert measured.ratio == pytest.approx(measured.pipeline_seconds / 0.5)
    assert measured.pipeline_overhead == pytest.approx(measured.ratio - 1)
    assert measured.seconds_per_megapixel == pytest.approx(measured.pipeline_seconds / pixels * 1e6)
    assert (measured.peak_bytes, measured.load_seconds) == (123, 4.5)


def test_windows_that_overlap_make_the_bare_calls_cheaper_than_the_pipelines(upscaler, monkeypatch):
    monkeypatch.setattr(speed, "_bare_calls", lambda *_: [1.0])
    monkeypatch.setattr(speed, "_alone", lambda *_: (0, 0.0))
    monkeypatch.setattr(upscaler, "upscale", lambda *_: None)
    model = upscaler.zoo.default
    size = (2 * upscaler.zoo.model(model).window, 24)
    for measured in speed.measure(upscaler, [model], 1, size=size, rounds=1):
        windows = size[0] * size[1] * (1 + measured.halo_overhead)
        windows /= measured.window[0] * measured.window[1]
        assert measured.halo_overhead > 0
        assert measured.bare_seconds * (1 + measured.halo_overhead) == pytest.approx(windows)


def test_the_sample_is_the_same_each_time_and_of_the_size_asked_for():
    assert speed.sample((30, 20)).size == (30, 20)
    assert (speed.sample((30, 20)).rgb == speed.sample((30, 20)).rgb).all()


def test_a_process_of_its_own_says_its_memory(upscaler):
    peak, seconds = speed._alone(Options(model=upscaler.zoo.default), 1, SIZE, upscaler.zoo.folder)
    assert peak > 20_000_000
    assert seconds > 0
