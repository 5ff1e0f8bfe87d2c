"""Stage 3: the autoencoder, on what the generators make of degraded pictures."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training import preview
from srgan.training.adversarial import Source
from srgan.training.data import Pair
from srgan.training.degradation import CLEAN_SHARE, degrade, degrade_batch
from srgan.training.loop import Batch, Loop, Settings, adam
from srgan.training.losses import PIXEL_LOSSES
from srgan.training.mixture import PHOTOGRAPHS, Mixture
from srgan.training.pretrain import forward
from srgan.training.smooth import SmoothPatches, beside
from srgan.training.step import Step

# degraded LR patches come from another stream of random numbers than the crops
DEGRADATION_STREAM = 1


def train_autoencoder(
    model: keras.Model,
    source: Source,
    settings: Settings,
    loss: str = "l1",
    compiled: bool = False,
    facts: dict[str, Any] | None = None,
    smooth_weight: float = 0.0,
) -> Loop:
    """Train `model` on a pixel loss, one of `PIXEL_LOSSES`, and return the finished loop.

    `smooth_weight` is that of `smooth.smooth_loss`, of what the generators make of smooth patches.
    `source` is `degraded`'s. Its perceptual counterpart is `adversarial.train_adversarial`.
    """
    pixel_loss = PIXEL_LOSSES[loss]
    smooth = SmoothPatches(settings.seed)

    def batch_at(number: int) -> Batch:
        return *smooth.at(number), *source.batch_at(number)

    def compute(sr, hr, *even):
        made = ops.cast(model(sr, training=True), "float32")
        of_pixels = pixel_loss(ops.cast(hr, "float32"), made)
        return beside(loss, of_pixels, model, even, smooth_weight)

    def advance(batch: Batch) -> dict[str, Any]:
        even_lr, even_hr, *arrays = batch
        even = source.pair((even_lr, even_hr, *arrays[2:])) if smooth_weight else ()
        losses: dict[str, Any] = step(*source.pair(tuple(arrays)), *even)[1]
        return losses

    step = Step(
        compute,
        model.trainable_variables,
        adam(settings),
        state=model.non_trainable_variables,
        compiled=compiled,
        half=model.compute_dtype == "float16",
    )
    loop = Loop(
        settings,
        batch_at,
        advance,
        [(step, [model])],
        score=lambda: source.score(None),
        sheet=source.sheet,
        facts={"loss": loss, **(facts or {})},
    )
    loop.run()
    return loop


def degraded(
    model: keras.Model,
    generators: Sequence[keras.Model],
    shares: Sequence[float],
    training: Sequence[Pair],
    validation: Sequence[Pair],
    seed: int = 0,
    patch: int = 192,
    batch: int = 8,
    clean_share: float = CLEAN_SHARE,
    mixture: Mixture = PHOTOGRAPHS,
) -> Source:
    """What `generators` make of degraded patches, for `model` to clean; the truth is the HR patch.

    Each step takes one generator, drawn with probability in proportion to its `shares`, and leaves
    each patch clean with a probability of `clean_share`; the patches are of `mixture`.
    Validation runs on the validation pictures, each degraded once with a fixed seed, through the
    generators in turn. Raises ValueError without a generator.
    """
    if not generators:
        raise ValueError("the autoencoder needs a trained --generator to learn from")
    patches = mixture.of(training, patch, batch, seed)
    odds = np.asarray(shares, np.float64) / np.sum(shares)
    enlarging = [forward(generator) for generator in generators]
    networks = [_chain(network, forward(model)) for network in enlarging]
    pictures = [
        Pair(pair.name, pair.hr, degrade(pair.lr, np.random.default_rng([0, number])))
        for number, pair in enumerate(validation)
    ]

    def batch_at(number: int) -> Batch:
        lr, hr = patches.at(number)
        random = np.random.default_rng([seed, number, DEGRADATION_STREAM])
        which = np.array(random.choice(len(generators), p=odds))
        return degrade_batch(lr, random, clean_share), hr, which

    def pair(arrays: Batch) -> Batch:
        lr, hr, which = arrays
        return np.asarray(enlarging[int(which)](lr.astype(np.float32))), hr

    def score(distance: preview.Distance | None) -> list[float]:
        groups = [pictures[i :: len(networks)] for i in range(len(networks))]
        scores = [
            np.multiply(preview.mean_scores(network, group, distance), len(group))
            for network, group in zip(networks, groups, strict=True)
            if group
        ]
        return [float(total) / len(pictures) for total in np.sum(scores, axis=0)]

    return Source(
        batch_at,
        pair,
        score,
        lambda path: preview.crop_sheet(networks[0], pictures[:8], path),
    )


def _chain(
    first: Callable[[np.ndarray], np.ndarray], second: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda batch: second(np.asarray(first(batch)))
