"""Run methods of enlarging over benchmark sets and score what they give."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from srgan.evaluation.benchmark_sets import BenchmarkSet, Measurable
from srgan.evaluation.degrade import degrade
from srgan.evaluation.methods import Method
from srgan.evaluation.metrics import crop, psnr_y, ssim_y

# The truth, uint8 RGB (H×W×3), to the distance that pictures of its size have from it.
DistanceTo = Callable[[np.ndarray], Callable[[np.ndarray], float]]


@dataclass(frozen=True)
class Scores:
    """PSNR-Y in dB and SSIM-Y, higher is better; LPIPS, lower is better, None if not measured."""

    psnr_y: float
    ssim_y: float
    lpips: float | None

    @classmethod
    def mean(cls, scores: Sequence["Scores"]) -> "Scores":
        """The mean of each score; LPIPS only where all have it."""
        distances = [it.lpips for it in scores if it.lpips is not None]
        return cls(
            fmean(it.psnr_y for it in scores),
            fmean(it.ssim_y for it in scores),
            fmean(distances) if len(distances) == len(scores) else None,
        )


@dataclass(frozen=True)
class Result:
    """How one method did on one picture."""

    set_name: str
    method: str
    picture: str
    scores: Scores


def score(
    sets: Sequence[BenchmarkSet],
    methods: Sequence[Method],
    *,
    lpips: DistanceTo | None = None,
    degraded: bool = False,
    threads: int = 1,
) -> Iterator[Result]:
    """One result for each picture and method, picture by picture, a border of 4 pixels cropped.

    With `degraded` the methods get the low-resolution pictures with noise and JPEG. So many
    pictures are measured at a time as there are `threads`; the methods must allow for that.
    """

    def results(benchmark_set: BenchmarkSet, pair: Measurable) -> list[Result]:
        lr, truth = pair.read()
        if degraded:
            lr = degrade(lr, pair.name)
        distance = lpips(crop(truth)) if lpips else None
        found = []
        for method in methods:
            made = method.enlarge(lr)
            scores = Scores(
                psnr_y(made, truth),
                ssim_y(made, truth),
                distance(crop(made)) if distance else None,
            )
            found.append(Result(benchmark_set.name, method.name, pair.name, scores))
        return found

    pictures = [(benchmark_set, pair) for benchmark_set in sets for pair in benchmark_set.pairs]
    pool = ThreadPoolExecutor(threads)
    try:
        for found in pool.map(lambda picture: results(*picture), pictures):
            yield from found
    finally:
        pool.shutdown(cancel_futures=True)
