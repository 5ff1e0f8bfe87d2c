"""Run methods of enlarging over benchmark sets and score what they give."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from srgan.evaluation.benchmark_sets import BenchmarkSet
from srgan.evaluation.degrade import degrade
from srgan.evaluation.methods import Method
from srgan.evaluation.metrics import crop, psnr_y, ssim_y

# Two uint8 RGB pictures (H×W×3) of one size to their distance.
Distance = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Scores:
    """PSNR-Y in dB and SSIM-Y, higher is better; LPIPS, lower is better, None if not measured."""

    psnr_y: float
    ssim_y: float
    lpips: float | None

    @classmethod
    def of(cls, result: np.ndarray, truth: np.ndarray, lpips: Distance | None) -> "Scores":
        """Compare two uint8 RGB pictures of one size, a border of 4 pixels cropped."""
        distance = lpips(crop(result), crop(truth)) if lpips else None
        return cls(psnr_y(result, truth), ssim_y(result, truth), distance)

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
    lpips: Distance | None = None,
    degraded: bool = False,
) -> Iterator[Result]:
    """One result for each picture and method, picture by picture.

    With `degraded` the methods get the low-resolution pictures with noise and JPEG.
    """
    for benchmark_set in sets:
        for pair in benchmark_set.pairs:
            lr, truth = pair.read()
            if degraded:
                lr = degrade(lr, pair.name)
            for method in methods:
                scores = Scores.of(method.enlarge(lr), truth, lpips)
                yield Result(benchmark_set.name, method.name, pair.name, scores)
