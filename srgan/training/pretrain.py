"""Stage 1: the generator on a pixel loss, the paper's SRResNet (arXiv 1609.04802, section 2.2)."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training import preview
from srgan.training.data import Pair, Patches
from srgan.training.loop import Batch, Loop, Settings, adam
from srgan.training.losses import PIXEL_LOSSES
from srgan.training.mixture import PHOTOGRAPHS, Batches, Mixture, together
from srgan.training.smooth import SmoothPatches, beside
from srgan.training.step import Step
from srgan.training.teacher import Teacher, taught
from srgan.training.upcycling import upcycled


def pretrain(
    model: keras.Model,
    training: Sequence[Pair],
    validation: Sequence[Pair],
    settings: Settings,
    loss: str = "l1",
    patch: int = 96,
    batch: int = 16,
    compiled: bool = False,
    facts: dict[str, Any] | None = None,
    smooth_weight: float = 0.0,
    teacher: Teacher | None = None,
    mixture: Mixture = PHOTOGRAPHS,
    upcycled_share: float = 0.0,
) -> Loop:
    """Train `model` ((N, H, W, 3) -> (N, 4H, 4W, 3), pixel values) and return the finished loop.

    `patch` is the HR patch size in pixels, `loss` one of `PIXEL_LOSSES`, `smooth_weight` that of
    `smooth.smooth_loss` beside it. With a `teacher` its lessons stand for the training pictures;
    validation stays against the pictures themselves. `upcycled_share` of the patches are of
    `upcycling.upcycled`, where the teacher alone knows the truth; the others are of `mixture`, and
    for what is reduced or of words a teacher has no lessons. The results are in
    `settings.output`: best.weights.h5, last.weights.h5, log.csv, loss.png, crops.png, checkpoint.
    Raises `BadOption` if no picture is as large as a patch, or as a piece where those are wanted.
    """
    patches = _patches(training, teacher, patch, batch, settings.seed, mixture, upcycled_share)
    smooth = SmoothPatches(settings.seed)
    pixel_loss = PIXEL_LOSSES[loss]

    def batch_at(number: int) -> Batch:
        even = smooth.at(number) if smooth_weight else ()
        return *patches.at(number), *even

    def compute(lr, hr, *even):
        result = model(ops.cast(lr, "float32"), training=True)
        of_pixels = pixel_loss(ops.cast(hr, "float32"), ops.cast(result, "float32"))
        return beside(loss, of_pixels, model, even, smooth_weight)

    step = Step(
        compute,
        model.trainable_variables,
        adam(settings),
        state=model.non_trainable_variables,
        compiled=compiled,
        half=model.compute_dtype == "float16",
    )
    network = forward(model)
    loop = Loop(
        settings,
        batch_at,
        lambda arrays: step(*arrays)[1],
        [(step, [model])],
        score=lambda: [preview.mean_psnr_y(network, validation)],
        sheet=lambda path: preview.crop_sheet(network, validation[:8], path),
        facts={"loss": loss, "patch": patch, "batch": batch, **(facts or {})},
    )
    loop.run()
    return loop


def _patches(
    training: Sequence[Pair],
    teacher: Teacher | None,
    patch: int,
    batch: int,
    seed: int,
    mixture: Mixture,
    upcycled_share: float,
) -> Batches:
    """What each step takes patches from: the mixture, and what only the teacher can enlarge."""
    of_words = mixture.words(batch)
    of_pieces = 0 if teacher is None else min(batch - of_words, round(batch * upcycled_share))
    lessons = taught(training, teacher) if teacher is not None and teacher.share else training
    return together(
        mixture.lettering(training, patch, of_words, seed),
        mixture.photographs(lessons, patch, batch - of_words - of_pieces, seed),
        [Patches(upcycled(training, teacher), patch, of_pieces, seed)]
        if teacher is not None and of_pieces
        else [],
    )


def forward(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """`model` as a function from float32 NumPy arrays to float32 NumPy arrays."""
    return lambda batch: model.predict_on_batch(batch)
