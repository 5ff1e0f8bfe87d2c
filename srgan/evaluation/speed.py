"""How fast the whole pipeline is, beside LiteRT's own calls that it cannot do without."""

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

from srgan import heap
from srgan.evaluation.machine import matrix_product_rate, peak_memory
from srgan.imaging import Picture
from srgan.inference import make_engine
from srgan.litert import LiteRTEngine
from srgan.upscaler import Options, Upscaler
from srgan.zoo import Network

SIZE = (1000, 750)
RIVAL_SIDE = 128  # of the window that TensorFlow and LiteRT are compared on, LR pixels


@dataclass(frozen=True)
class Speed:
    """One model on one picture, with denoising at full strength or without.

    window: (width, height) of what goes through the network at once.
    seconds: from a Picture to the upscaled Picture.
    native_seconds: of these, in LiteRT's own calls.
    seconds_per_megapixel: of the whole, for a megapixel of input.
    halo_overhead: arithmetic done twice for context, as a share of what is needed.
    pipeline_overhead: time around LiteRT's calls, as a share of these.
    gflops: of LiteRT's calls, 10⁹ operations a second; a multiply-add of a convolution, as the
        networks define it, is two.
    matrix_gflops: of NumPy's matrix product, just before each of them, on all cores.
    peak_bytes: the memory of a process that does nothing else, from its start to the result.
    extra_bytes: of these, beyond the picture and its result.
    ready_seconds: in that process, to check and load the networks.
    tensorflow_ratio: TensorFlow's time for a window, in LiteRT's; None if not asked for.
    """

    model: str
    denoise: bool
    window: tuple[int, int]
    seconds: float
    native_seconds: float
    seconds_per_megapixel: float
    halo_overhead: float
    pipeline_overhead: float
    gflops: float
    matrix_gflops: float
    peak_bytes: int
    extra_bytes: int
    ready_seconds: float
    tensorflow_ratio: float | None


def measure(
    upscaler: Upscaler,
    engine: LiteRTEngine,
    models: Sequence[str],
    threads: int,
    *,
    size: tuple[int, int] = SIZE,
    rounds: int = 3,
    tensorflow: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> list[Speed]:
    """Measure `models` side by side: medians of `rounds`, in each of which all take their turn.

    `upscaler` must run on `engine`, with `threads`; `size` is the picture's (width, height);
    `on_step` is told how many measurements are done, and of how many.
    """
    settings = [Options(model=name, denoise=strength) for name in models for strength in (0.0, 1.0)]
    picture = sample(size)
    taken: dict[Options, list[tuple[float, float]]] = defaultdict(list)
    rates: dict[Options, list[float]] = defaultdict(list)
    total = len(settings) * (rounds + 1)
    upscaler.load()
    for turn in range(rounds):
        for i, options in enumerate(settings):
            rates[options].append(matrix_product_rate())
            native, started = engine.seconds, perf_counter()
            upscaler.upscale(picture, options)
            taken[options].append((perf_counter() - started, engine.seconds - native))
            on_step(turn * len(settings) + i + 1, total)
    speeds = []
    for i, options in enumerate(settings):
        # of the round with the median time, so that whole and part belong together
        seconds, native = sorted(taken[options])[rounds // 2]
        networks = _networks(upscaler, options)
        overhead = upscaler.overhead(size, options)
        needed = 2 * prod(size) * sum(network.multiply_adds for network in networks)
        peak_bytes, ready_seconds = _alone(options, threads, size, upscaler.zoo.folder)
        speeds.append(
            Speed(
                model=networks[0].name,
                denoise=options.denoise > 0,
                window=upscaler.plan(size, options).window,
                seconds=seconds,
                native_seconds=native,
                seconds_per_megapixel=seconds / prod(size) * 1e6,
                halo_overhead=overhead,
                pipeline_overhead=seconds / native - 1,
                gflops=needed * (1 + overhead) / native / 1e9,
                matrix_gflops=median(rates[options]),
                peak_bytes=peak_bytes,
                extra_bytes=peak_bytes - 3 * prod(size) * (1 + networks[0].scale ** 2),
                ready_seconds=ready_seconds,
                tensorflow_ratio=_rival(engine, networks, threads, rounds) if tensorflow else None,
            )
        )
        on_step(rounds * len(settings) + i + 1, total)
    return speeds


def sample(size: tuple[int, int]) -> Picture:
    """A picture of (width, height) `size`: ramps with noise, in colour as most photographs are."""
    width, height = size
    noise = np.random.default_rng(0).normal(0, 20, (height, width, 3))
    across, down = (
        np.linspace(0, 255, width)[np.newaxis],
        np.linspace(0, 255, height)[:, np.newaxis],
    )
    ramps = np.stack(np.broadcast_arrays(across, down, 255 - across), axis=2)
    return Picture(np.clip(ramps + noise, 0, 255).astype(np.uint8))


def _networks(upscaler: Upscaler, options: Options) -> list[Network]:
    generator = upscaler.zoo.model(options.model or upscaler.zoo.default)
    autoencoder = upscaler.zoo.autoencoder_for(generator) if options.denoise > 0 else None
    return [generator] if autoencoder is None else [generator, autoencoder]


def _rival(engine: LiteRTEngine, networks: Sequence[Network], threads: int, rounds: int) -> float:
    """Median ratio of TensorFlow's time to LiteRT's, taking turns, after one that does not count.

    Both with the same weights on the same window. Raises NetworkUnavailable without TensorFlow.
    """
    rival = make_engine("tensorflow", threads)
    window = sample((RIVAL_SIDE, RIVAL_SIDE)).rgb[np.newaxis].astype(np.float32)
    ratios = []
    for _ in range(rounds + 1):
        times = []
        for it in (rival, engine):
            started = perf_counter()
            pixels = window
            for network in networks:
                pixels = it.run(network, pixels)
            times.append(perf_counter() - started)
        ratios.append(times[0] / times[1])
    return median(ratios[1:])


def _alone(
    options: Options, threads: int, size: tuple[int, int], models_dir: Path
) -> tuple[int, float]:
    """Peak memory and seconds until ready of a new process that upscales one picture."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_upscale_once, options, threads, size, models_dir).result()


def _upscale_once(
    options: Options, threads: int, size: tuple[int, int], models_dir: Path
) -> tuple[int, float]:
    started = perf_counter()
    heap.give_back()  # as the shell and the server do
    upscaler = Upscaler(threads=threads, models_dir=models_dir)
    upscaler.load(options.model)
    ready = perf_counter() - started
    # Even, because the making of a sample takes more memory than the upscale of some, but for what
    # keeps it from going another way than a photograph does.
    pixels = np.full((size[1], size[0], 3), 99, np.uint8)
    pixels[0, 0], pixels[-1, -1] = 0, 255
    upscaler.upscale(Picture(pixels), options)
    return peak_memory(), ready
