"""Losses: of pixel values 0..255, of feature maps, and of a discriminator's logits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keras import ops

from srgan.evaluation.metrics import LUMA


def l1(truth, result):
    """Mean absolute difference in levels, a scalar."""
    return ops.mean(ops.abs(truth - result))


def mse(truth, result):
    """Mean squared difference of values scaled to 0..1 (the paper's SRResNet loss), a scalar."""
    return ops.mean(ops.square((truth - result) / 255.0))


def psnr(truth, result):
    """Mean over the patches of how many dB their mean squared error is above 1 level², a scalar.

    PSNR but for sign and offset, as a loss (Chen et al. 2021, arXiv 2105.06086), so that a
    patch where little is wrong counts as much as one where much is; errors below a level, which
    nobody sees and rounding makes, hardly count.
    """
    return _decibels(ops.mean(ops.square(truth - result), axis=(1, 2, 3)))


_OF_LUMA = 0.9  # the rest keeps the colours where they are


def psnr_luma(truth, result):
    """`psnr` with nine tenths of the error luma's, which PSNR-Y is of and detail is seen in.

    Luma is BT.601's, brought to the range of gray: an error that red, green and blue share counts
    as it does in `psnr`, one of colour alone for a tenth. A scalar.
    """
    residual = truth - result
    weights = ops.convert_to_tensor(LUMA / LUMA.sum(), "float32")
    of_luma = ops.mean(ops.square(ops.sum(residual * weights, axis=-1)), axis=(1, 2))
    of_all = ops.mean(ops.square(residual), axis=(1, 2, 3))
    return _decibels(_OF_LUMA * of_luma + (1 - _OF_LUMA) * of_all)


def _decibels(errors):
    """Mean of squared errors (N,), in level², as decibels above 1 level², but for tiny ones."""
    return 10 / math.log(10) * ops.mean(ops.log1p(errors))


PIXEL_LOSSES = {"l1": l1, "mse": mse, "psnr": psnr, "psnr-luma": psnr_luma}


WINDOW = 7  # pixels, of the neighbourhood in which residuals are compared


def artefacts(truth, result, steady):
    """Where `result` differs from `truth` as artefacts do (Liang et al. 2022, arXiv 2203.09195).

    All are (N, H, W, 3) in levels; `steady` is the result of the weights' moving average, which is
    past the swings of adversarial training. Gives weights (N, H, W, 1), no gradient: the local
    variance of the residual, in units of the whole range, times the patch's own to the power of
    1/5; zero where the result is at least as close to the truth as the steady one.
    """
    residual, calm = (
        ops.sum(ops.abs(ops.stop_gradient(truth - made)), axis=-1, keepdims=True) / 255.0
        for made in (result, steady)
    )
    edge = WINDOW // 2
    padded = ops.pad(residual, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="reflect")
    mean, square = (ops.average_pool(x, WINDOW, 1) for x in (padded, ops.square(padded)))
    local = ops.maximum(square - ops.square(mean), 0.0)
    whole = ops.var(residual, axis=(1, 2, 3), keepdims=True) ** 0.2
    return ops.where(residual > calm, local * whole, 0.0)


NEIGHBOURHOOD = 7  # LR pixels, in which the grid is looked for; more where they do not divide up


def grid(truth, result, scale=4):
    """How far `result` repeats a pattern from LR pixel to LR pixel that `truth` does not have.

    Both are (N, H, W, 3) in levels, H and W multiples of `scale`. A scalar: the mean square of the
    residual's means over all pixels of one phase in a neighbourhood, less the neighbourhood's own
    mean. A pixel shuffle has a kernel of its own for each phase, and an adversary rewards the
    checkerboard that it can make of them from the first steps on.
    """
    count, height, width, channels = result.shape
    rows, columns = (_neighbourhoods(side // scale) for side in (height, width))
    parted = (count, rows, -1, scale, columns, width // scale // columns, scale, channels)
    phases = ops.mean(ops.reshape(truth - result, parted), axis=(2, 5))
    return ops.mean(ops.square(phases - ops.mean(phases, axis=(2, 4), keepdims=True)))


def _neighbourhoods(side: int) -> int:
    return max(n for n in range(1, max(1, side // NEIGHBOURHOOD) + 1) if side % n == 0)


def content(truth: Sequence, result: Sequence, weights: Sequence[float]):
    """Mean squared difference of feature maps (Ledig et al. 2017, arXiv 1609.04802, equation 5).

    `truth` and `result` are lists of (N, h, w, maps), one for each of `weights`. A scalar.
    """
    terms = [
        weight * ops.mean(ops.square(real - fake))
        for weight, real, fake in zip(weights, truth, result, strict=True)
    ]
    return sum(terms[1:], start=terms[0])


@dataclass(frozen=True)
class Game:
    """What generator and discriminator each minimise, of logits for true and made patches.

    They are (N, 1), or (N, H, W, 1) for each pixel, and count alike. `generator(real, fake)` and
    `discriminator(real, fake)` give scalars. Where the generator's does not look at the true
    patches, `looks_at_real` is False and it may be given None for them.
    """

    generator: Callable[[Any, Any], Any]
    discriminator: Callable[[Any, Any], Any]
    looks_at_real: bool = False


def _real(logits):
    """Cross entropy, in nats, of judging `logits` to be of true patches: -log sigmoid."""
    return ops.mean(ops.softplus(-logits))


def _fake(logits):
    """Cross entropy, in nats, of judging `logits` to be of made patches."""
    return ops.mean(ops.softplus(logits))


def _relative(real, fake):
    """True patches look truer than made ones do on average (arXiv 1809.00219, section 3.2)."""
    return (_real(real - ops.mean(fake)) + _fake(fake - ops.mean(real))) / 2


GAMES = {
    # Ledig et al. 2017, arXiv 1609.04802, equations 2 and 6
    "vanilla": Game(lambda _, fake: _real(fake), lambda real, fake: _real(real) + _fake(fake)),
    # Jolicoeur-Martineau 2018, arXiv 1807.00734, section 4.2, as ESRGAN uses it
    "relativistic": Game(lambda real, fake: _relative(fake, real), _relative, looks_at_real=True),
    # the same, section 4.1 (RSGAN), but that each judgement is held against the one of the same
    # place of the true patch: what is hard to tell there does not count as made up
    "paired": Game(
        lambda real, fake: _real(fake - real),
        lambda real, fake: _real(real - fake),
        looks_at_real=True,
    ),
    # Lim & Ye 2017, arXiv 1705.02894
    "hinge": Game(
        lambda _, fake: -ops.mean(fake),
        lambda real, fake: ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake)),
    ),
}


def played(rule: Callable[[Any, Any], Any], real: Sequence | None, fake: Sequence):
    """What `rule` of a `Game` gives for a discriminator with several judgements: their mean.

    `real` and `fake` are lists of logits, one for each judgement; a rule that does not look at the
    true patches may be given None for them.
    """
    pairs = zip([None] * len(fake) if real is None else real, fake, strict=True)
    return sum(rule(true, made) for true, made in pairs) / len(fake)
