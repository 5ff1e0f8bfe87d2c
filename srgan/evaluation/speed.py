"""How fast the whole pipeline is, beside the bare LiteRT calls that it cannot do without."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import prod
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from srgan.evaluation.machine import peak_memory
from srgan.imaging import Picture
from srgan.upscaler import Options, Upscaler
from srgan.zoo import Network

SIZE = (1000, 750)


@dataclass(frozen=True)
class Speed:
    """One model on one picture, with denoising at full strength or without.

    window: (width, height) of what goes through the network at once.
    pipeline_seconds: from a Picture to the upscaled Picture.
    bare_seconds: LiteRT's own calls for as many pixels in windows of the same shape, none twice.
    ratio: of these two.
    halo_overhead: pixels computed twice for context, as a share of the picture's.
    pipeline_overhead: time beyond bare calls for all windows, as a share of those.
    seconds_per_megapixel: of the pipeline, for a megapixel of input.
    gflops: the bare calls' 10⁹ operations a second; a multiply-add is two.
    peak_bytes: the memory of a process that does nothing else, from its start to the result.
    load_seconds: in that process, to check and load the networks.
    """

    model: str
    denoise: bool
    window: tuple[int, int]
    pipeline_seconds: float
    bare_seconds: float
    ratio: float
    halo_overhead: float
    pipeline_overhead: float
    seconds_per_megapixel: float
    gflops: float
    peak_bytes: int
    load_seconds: float


def measure(
    upscaler: Upscaler,
    models: Sequence[str],
    threads: int,
    *,
    size: tuple[int, int] = SIZE,
    rounds: int = 3,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[Speed]:
    """Measure `models` side by side: medians of `rounds`, in each of which all take their turn.

    `upscaler` must run on `threads`, as the bare calls do; `size` is the picture's
    (width, height); `on_step` is told how many measurements are done, and of how many.
    """
    settings = [Options(model=name, denoise=strength) for name in models for strength in (0.0, 1.0)]
    picture = sample(size)
    pipeline: dict[Options, list[float]] = defaultdict(list)
    bare: dict[Options, list[float]] = defaultdict(list)
    total = len(settings) * (rounds + 1)
    upscaler.load()
    for turn in range(rounds):
        for i, options in enumerate(settings):
            bare[options] += _bare_calls(upscaler, options, size, threads)
            started = perf_counter()
            upscaler.upscale(picture, options)
            pipeline[options].append(perf_counter() - started)
            on_step(turn * len(settings) + i + 1, total)
    speeds = []
    for i, options in enumerate(settings):
        plan = upscaler.plan(size, options)
        networks = _networks(upscaler, options)
        window_seconds, seconds = median(bare[options]), median(pipeline[options])
        bare_seconds = window_seconds * prod(size) / prod(plan.window)
        operations = 2 * prod(plan.window) * sum(network.multiply_adds for network in networks)
        peak_bytes, load_seconds = _alone(options, threads, size, upscaler.zoo.folder)
        speeds.append(
            Speed(
                model=networks[0].name,
                denoise=options.denoise > 0,
                window=plan.window,
                pipeline_seconds=seconds,
                bare_seconds=bare_seconds,
                ratio=seconds / bare_seconds,
                halo_overhead=plan.overhead,
                pipeline_overhead=seconds / (window_seconds * len(plan)) - 1,
                seconds_per_megapixel=seconds / prod(size) * 1e6,
                gflops=operations / window_seconds / 1e9,
                peak_bytes=peak_bytes,
                load_seconds=load_seconds,
            )
        )
        on_step(rounds * len(settings) + i + 1, total)
    return speeds


def sample(size: tuple[int, int]) -> Picture:
    """A picture of (width, height) `size`: a ramp with noise."""
    width, height = size
    noise = np.random.default_rng(0).normal(0, 20, (height, width, 3))
    ramp = np.linspace(0, 255, width)[np.newaxis, :, np.newaxis]
    return Picture(np.clip(ramp + noise, 0, 255).astype(np.uint8))


def _networks(upscaler: Upscaler, options: Options) -> list[Network]:
    generator = upscaler.zoo.model(options.model or upscaler.zoo.default)
    autoencoder = upscaler.zoo.autoencoder_for(generator) if options.denoise > 0 else None
    return [generator] if autoencoder is None else [generator, autoencoder]


def _bare_calls(
    upscaler: Upscaler, options: Options, size: tuple[int, int], threads: int, calls: int = 3
) -> list[float]:
    """Seconds of LiteRT's `invoke` for one window, `calls` times after one that does not count."""
    from ai_edge_litert.interpreter import Interpreter

    width, height = upscaler.plan(size, options).window
    interpreters = []
    for network in _networks(upscaler, options):
        scale = network.scale if network.kind == "autoencoder" else 1
        interpreter = Interpreter(model_content=network.read(), num_threads=threads)
        index = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(index, (1, height * scale, width * scale, 3))
        interpreter.allocate_tensors()
        pixels = sample((width * scale, height * scale)).rgb
        interpreter.set_tensor(index, pixels[np.newaxis].astype(np.float32))
        interpreters.append(interpreter)
    seconds = []
    for _ in range(calls + 1):
        started = perf_counter()
        for interpreter in interpreters:
            interpreter.invoke()
        seconds.append(perf_counter() - started)
    return seconds[1:]


def _alone(
    options: Options, threads: int, size: tuple[int, int], models_dir: Path
) -> tuple[int, float]:
    """Peak memory and seconds to load of a new process that upscales one picture."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_upscale_once, options, threads, size, models_dir).result()


def _upscale_once(
    options: Options, threads: int, size: tuple[int, int], models_dir: Path
) -> tuple[int, float]:
    started = perf_counter()
    upscaler = Upscaler(threads=threads, models_dir=models_dir)
    upscaler.load(options.model)
    loaded = perf_counter() - started
    upscaler.upscale(sample(size), options)
    return peak_memory(), loaded
