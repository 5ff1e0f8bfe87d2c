"""Stage 2: the generator on the perceptual loss: SRGAN (arXiv 1609.04802, section 2.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import ops

from srgan.training import preview
from srgan.training.checkpoint import arrays_of, assign
from srgan.training.data import Pair, Patches
from srgan.training.loop import LPIPS, PSNR_Y, Batch, Loop, Settings, adam
from srgan.training.losses import GAMES, artefacts, content, l1
from srgan.training.pretrain import forward
from srgan.training.step import Step


@dataclass(frozen=True)
class Recipe:
    """The terms of the perceptual loss.

    `gan` names one of `losses.GAMES`, `feature_weights` has a weight for each output of the
    feature extractor. The paper: content loss + 10⁻³ adversarial loss (equation 3), no pixel
    term. `pixel_weight` is for the mean absolute difference in levels, `artefact_weight` for the
    same where `losses.artefacts` sees any, in proportion to that.
    """

    gan: str = "vanilla"
    feature_weights: tuple[float, ...] = (1.0,)
    adversarial_weight: float = 1e-3
    pixel_weight: float = 0.0
    artefact_weight: float = 0.0


@dataclass(frozen=True)
class Source:
    """What a network is trained on and judged by.

    batch_at: the arrays of a step, by NumPy alone: prepared ahead in a thread.
    pair: what the network is given and the truth, pixel values, of such arrays.
    score: a number for each quality, given LPIPS or None.
    sheet: writes the sheet of validation crops.
    """

    batch_at: Callable[[int], Batch]
    pair: Callable[[Batch], Batch]
    score: Callable[[preview.Distance | None], Sequence[float]]
    sheet: Callable[[Path], None]


def train_adversarial(
    model: keras.Model,
    discriminator: keras.Model,
    features: keras.Model,
    training: Sequence[Pair],
    validation: Sequence[Pair],
    settings: Settings,
    recipe: Recipe = Recipe(),
    lpips: preview.Distance | None = None,
    patch: int = 96,
    batch: int = 16,
    compiled: bool = False,
    facts: dict[str, Any] | None = None,
    source: Source | None = None,
    steady: keras.Model | None = None,
) -> Loop:
    """Train `model` against `discriminator`, from the weights it has; return the finished loop.

    `features` takes pixel values and gives feature maps, one or a list. Generator and discriminator
    take turns, a step each on the same patches. The result is the moving average of the
    generator's weights; the best of it has the lowest mean `lpips` over the validation pictures,
    or, without it, the highest PSNR-Y. The results in `settings.output` are those of `pretrain`.
    `source` says what is trained on, if not enlarging patches of `training`. `steady` is another
    network of `model`'s shape, for `recipe.artefact_weight`: it becomes the moving average.
    """
    if recipe.artefact_weight and steady is None:
        raise ValueError("the artefact weight needs a second network for the moving average")
    if source is None:
        patches = Patches(list(training), patch, batch, settings.seed)
        network = forward(model)
        source = Source(
            patches.at,
            lambda arrays: arrays,
            lambda distance: preview.mean_scores(network, validation, distance),
            lambda path: preview.crop_sheet(network, validation[:8], path),
        )
    pair, score = source.pair, source.score
    game = GAMES[recipe.gan]

    def judged(pixels):
        # batch norm by the batch's own statistics, true and made patches each for themselves
        return discriminator(pixels, training=True)

    def seen(pixels):
        return keras.tree.flatten(features(pixels))

    averaged = None if steady is None or not recipe.artefact_weight else steady
    if averaged is not None:
        averaged.trainable = False
        assign(averaged.variables, arrays_of(model.variables))

    def generator_loss(lr, hr):
        given, truth = ops.cast(lr, "float32"), ops.cast(hr, "float32")
        made = ops.cast(model(given, training=True), "float32")
        real = judged(truth) if game.looks_at_real else None
        parts = [
            content(seen(truth), seen(made), recipe.feature_weights),
            game.generator(real, judged(made)),
            l1(truth, made),
        ]
        weights = [1.0, recipe.adversarial_weight, recipe.pixel_weight]
        if averaged is not None:
            for mean, value in zip(averaged.variables, model.variables, strict=True):
                now = ops.stop_gradient(ops.convert_to_tensor(value))
                mean.assign(settings.ema * mean + (1 - settings.ema) * ops.cast(now, mean.dtype))
            seeming = artefacts(truth, made, ops.cast(averaged(given, training=False), "float32"))
            parts.append(ops.mean(seeming * ops.abs(truth - made)))
            weights.append(recipe.artefact_weight)
        loss = sum(weight * part for weight, part in zip(weights, parts, strict=True))
        return loss, parts, made

    def discriminator_loss(hr, made):
        return game.discriminator(judged(ops.cast(hr, "float32")), judged(made))

    generator_step = Step(
        generator_loss,
        model.trainable_variables,
        adam(settings),
        state=[
            *model.non_trainable_variables,
            *discriminator.variables,
            *features.variables,
            *(() if averaged is None else averaged.variables),
        ],
        compiled=compiled,
    )
    discriminator_step = Step(
        discriminator_loss,
        discriminator.trainable_variables,
        adam(settings, average=False),
        state=discriminator.non_trainable_variables,
        compiled=compiled,
        beside=generator_step,
    )

    def advance(arrays: Batch) -> dict[str, Any]:
        lr, hr = pair(arrays)
        loss, parts, made = generator_step(lr, hr)
        judging = discriminator_step(hr, made)
        names = ["content", "adversarial", "pixel", "artefacts"][: len(parts)]
        named = dict(zip(names, parts, strict=True))
        return {"loss": loss, **named, "discriminator": judging}

    loop = Loop(
        settings,
        source.batch_at,
        advance,
        [
            (generator_step, [model] if averaged is None else [model, averaged]),
            (discriminator_step, [discriminator]),
        ],
        score=lambda: score(lpips),
        sheet=source.sheet,
        facts={"loss": f"perceptual, {recipe}", "patch": patch, "batch": batch, **(facts or {})},
        judged_by=(PSNR_Y,) if lpips is None else (LPIPS, PSNR_Y),
    )
    loop.run()
    return loop
