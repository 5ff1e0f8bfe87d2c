"""Stage 2: the generator on the perceptual loss: SRGAN (arXiv 1609.04802, section 2.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training import preview
from srgan.training.checkpoint import arrays_of, assign
from srgan.training.data import SCALE, Pair
from srgan.training.loop import LPIPS, PSNR_Y, Batch, Loop, Settings, adam
from srgan.training.losses import GAMES, artefacts, content, grid, l1, played
from srgan.training.mixture import PHOTOGRAPHS, Mixture
from srgan.training.pretrain import forward
from srgan.training.smooth import SmoothPatches, smooth_loss
from srgan.training.step import Step

# how far patches are moved comes from another stream of random numbers than the crops
SHIFT_STREAM = 2


@dataclass(frozen=True)
class Recipe:
    """The terms of the perceptual loss.

    `gan` names one of `losses.GAMES`, `feature_weights` has a weight for each output of the
    feature extractor. The paper: content loss + 10⁻³ adversarial loss (equation 3), no pixel
    term. `pixel_weight` is for the mean absolute difference in levels, `artefact_weight` for the
    same where `losses.artefacts` sees any, in proportion to that, `grid_weight` for `losses.grid`,
    `smooth_weight` for `smooth.smooth_loss`.
    With `shift`, in pixels, features and discriminator are shown patches moved by up to so much,
    at random: what pools or strides else always sees the same pixels of a pixel shuffle together.
    """

    gan: str = "vanilla"
    feature_weights: tuple[float, ...] = (1.0,)
    adversarial_weight: float = 1e-3
    pixel_weight: float = 0.0
    artefact_weight: float = 0.0
    grid_weight: float = 0.0
    smooth_weight: float = 0.0
    shift: int = 0


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
    mixture: Mixture = PHOTOGRAPHS,
) -> Loop:
    """Train `model` against `discriminator`, from the weights it has; return the finished loop.

    `features` takes pixel values and gives feature maps, one or a list: first those for which
    `recipe` has weights, then, if there are more, those that `discriminator` takes in place of
    pixels. It gives logits, one or a list. Generator and discriminator
    take turns, a step each on the same patches. The result is the moving average of the
    generator's weights; the best of it has the lowest mean `lpips` over the validation pictures,
    or, without it, the highest PSNR-Y. The results in `settings.output` are those of `pretrain`
    and discriminator.weights.h5, for another run to start from.
    `source` says what is trained on, if not enlarging `mixture` of `training`; its patches are to
    be `patch` and `recipe.shift` pixels wide and high. `steady` is another network of `model`'s
    shape, for `recipe.artefact_weight`: it becomes the moving average.
    """
    if recipe.artefact_weight and steady is None:
        raise ValueError("the artefact weight needs a second network for the moving average")
    if source is None:
        side = patch + recipe.shift
        patches = mixture.of(training, side, batch, settings.seed)
        network = forward(model)
        source = Source(
            patches.at,
            lambda arrays: arrays,
            lambda distance: preview.mean_scores(network, validation, distance),
            lambda path: preview.crop_sheet(network, validation[:8], path),
        )
    given, pair, score = source.batch_at, source.pair, source.score
    game = GAMES[recipe.gan]
    smooth = SmoothPatches(settings.seed)

    weighed = len(recipe.feature_weights)

    def seen(pixels):
        """The maps that the content loss weighs, and what the discriminator looks at."""
        maps = keras.tree.flatten(features(pixels))
        return maps[:weighed], maps[weighed:] or [pixels]

    def judged(shown):
        # batch norm by the batch's own statistics, true and made patches each for themselves
        logits = discriminator(shown if len(shown) > 1 else shown[0], training=True)
        return keras.tree.flatten(logits)

    averaged = None if steady is None or not recipe.artefact_weight else steady
    if averaged is not None:
        averaged.trainable = False
        assign(averaged.variables, arrays_of(model.variables))

    def batch_at(number: int) -> Batch:
        moves = _moves(patch, recipe.shift, [settings.seed, number, SHIFT_STREAM])
        return *smooth.at(number), moves, *given(number)

    def generator_loss(lr, hr, moves, *even):
        lr, whole = ops.cast(lr, "float32"), ops.cast(hr, "float32")
        result = ops.cast(model(lr, training=True), "float32")
        truth, made = _moved(whole, moves), _moved(result, moves)
        (real_maps, real), (made_maps, fake) = seen(truth), seen(made)
        parts = [
            content(real_maps, made_maps, recipe.feature_weights),
            played(game.generator, judged(real) if game.looks_at_real else None, judged(fake)),
            l1(truth, made),
        ]
        weights = [1.0, recipe.adversarial_weight, recipe.pixel_weight]
        if recipe.grid_weight:
            parts.append(grid(whole, result, SCALE))
            weights.append(recipe.grid_weight)
        if even:
            parts.append(smooth_loss(model, *even))
            weights.append(recipe.smooth_weight)
        if averaged is not None:
            for mean, value in zip(averaged.variables, model.variables, strict=True):
                now = ops.stop_gradient(ops.convert_to_tensor(value))
                mean.assign(settings.ema * mean + (1 - settings.ema) * ops.cast(now, mean.dtype))
            calm = ops.cast(averaged(lr, training=False), "float32")
            parts.append(ops.mean(artefacts(whole, result, calm) * ops.abs(whole - result)))
            weights.append(recipe.artefact_weight)
        loss = sum(weight * part for weight, part in zip(weights, parts, strict=True))
        return loss, parts, real, fake

    def discriminator_loss(*shown):
        real, fake = shown[: len(shown) // 2], shown[len(shown) // 2 :]
        return played(game.discriminator, judged(real), judged(fake))

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
        half=model.compute_dtype == "float16",
    )
    discriminator_step = Step(
        discriminator_loss,
        discriminator.trainable_variables,
        adam(settings, average=False),
        state=discriminator.non_trainable_variables,
        compiled=compiled,
        beside=generator_step,
    )

    names = ["content", "adversarial", "pixel"]
    names += ["grid"] if recipe.grid_weight else []
    names += ["smooth"] if recipe.smooth_weight else []
    names += ["artefacts"] if averaged is not None else []

    def advance(batch: Batch) -> dict[str, Any]:
        even_lr, even_hr, moves, *arrays = batch
        lr, hr = pair(tuple(arrays))
        even = pair((even_lr, even_hr, *arrays[2:])) if recipe.smooth_weight else ()
        loss, parts, real, fake = generator_step(lr, hr, moves, *even)
        judging = discriminator_step(*real, *fake)
        named = dict(zip(names, parts, strict=True))
        return {"loss": loss, **named, "discriminator": judging}

    loop = Loop(
        settings,
        batch_at,
        advance,
        [
            (generator_step, [model] if averaged is None else [model, averaged]),
            (discriminator_step, [discriminator]),
        ],
        score=lambda: score(lpips),
        sheet=source.sheet,
        facts={"loss": f"perceptual, {recipe}", "patch": patch, "batch": batch, **(facts or {})},
        judged_by=(PSNR_Y,) if lpips is None else (LPIPS, PSNR_Y),
        saved_too={"discriminator.weights.h5": discriminator},
    )
    loop.run()
    return loop


def _moves(patch: int, shift: int, seed: Sequence[int]) -> np.ndarray:
    """float32 (2, patch, patch + shift): what cuts `patch` rows, and columns, out at random."""
    starts = np.random.default_rng(seed).integers(0, shift + 1, 2)
    identity = np.eye(patch + shift, dtype=np.float32)
    return np.stack([identity[start : start + patch] for start in starts])


def _moved(pixels, moves):
    """(N, H, W, C) cut by `_moves`, as products: XLA takes 5 times as long behind a slice whose
    start it does not know when it compiles."""
    count, height, width, channels = pixels.shape
    side = moves.shape[1]
    if side == height == width:
        return pixels
    rows = ops.matmul(moves[0], ops.reshape(pixels, (count, height, width * channels)))
    columns = ops.matmul(moves[1], ops.reshape(rows, (count * side, width, channels)))
    return ops.reshape(columns, (count, side, side, channels))
