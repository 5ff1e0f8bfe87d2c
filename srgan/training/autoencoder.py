"""Stage 3: the autoencoder, on what the generators make of degraded pictures."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training import preview
from srgan.training.data import Pair, Patches
from srgan.training.degradation import degrade, degrade_batch
from srgan.training.loop import Loop, Settings, adam
from srgan.training.losses import PIXEL_LOSSES
from srgan.training.pretrain import forward
from srgan.training.step import Step

# degraded LR patches come from another stream of random numbers than the crops
DEGRADATION_STREAM = 1


def train_autoencoder(
    model: keras.Model,
    generators: Sequence[keras.Model],
    shares: Sequence[float],
    training: Sequence[Pair],
    validation: Sequence[Pair],
    settings: Settings,
    loss: str = "l1",
    patch: int = 192,
    batch: int = 8,
    compiled: bool = False,
    facts: dict[str, Any] | None = None,
) -> Loop:
    """Train `model` to clean the output of all `generators`, and return the finished loop.

    Each step takes one generator, drawn with probability in proportion to its `shares`; the
    target is the true HR patch, `loss` "l1" or "mse". Validation runs on the validation pictures,
    each degraded once with a fixed seed, through the generators in turn.
    """
    if not generators:
        raise ValueError("the autoencoder needs a trained --generator to learn from")
    patches = Patches(list(training), patch, batch, settings.seed)
    pixel_loss = PIXEL_LOSSES[loss]
    odds = np.asarray(shares, np.float64) / np.sum(shares)

    def compute(sr, hr):
        return pixel_loss(ops.cast(hr, "float32"), ops.cast(model(sr, training=True), "float32"))

    step = Step(
        compute,
        model.trainable_variables,
        adam(settings),
        state=model.non_trainable_variables,
        compiled=compiled,
    )
    enlarging = [forward(generator) for generator in generators]

    def batch_at(number: int) -> tuple[np.ndarray, ...]:
        lr, hr = patches.at(number)
        random = np.random.default_rng([settings.seed, number, DEGRADATION_STREAM])
        which = np.array(random.choice(len(generators), p=odds))
        return degrade_batch(lr, random), hr, which

    def advance(arrays: tuple[np.ndarray, ...]) -> dict[str, Any]:
        lr, hr, which = arrays
        sr = np.asarray(enlarging[int(which)](lr.astype(np.float32)))
        return {loss: step(sr, hr)}

    degraded = [
        Pair(pair.name, pair.hr, degrade(pair.lr, np.random.default_rng([0, number])))
        for number, pair in enumerate(validation)
    ]
    networks = [_chain(network, forward(model)) for network in enlarging]

    def score() -> list[float]:
        groups = [degraded[i :: len(networks)] for i in range(len(networks))]
        scores = [
            preview.mean_psnr_y(network, group) * len(group)
            for network, group in zip(networks, groups, strict=True)
            if group
        ]
        return [sum(scores) / len(degraded)]

    loop = Loop(
        settings,
        batch_at,
        advance,
        [(step, [model])],
        score=score,
        sheet=lambda path: preview.crop_sheet(networks[0], degraded[:8], path),
        facts={"loss": loss, "patch": patch, "batch": batch, **(facts or {})},
    )
    loop.run()
    return loop


def _chain(
    first: Callable[[np.ndarray], np.ndarray], second: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda batch: second(np.asarray(first(batch)))
