"""A trained network as the teacher of another (Hinton et al. 2015, arXiv 1503.02531).

What was lost in low resolution can only be guessed, so that most of a step toward the truth is
noise. What a teacher guesses depends on nothing but what the student is given as well.
"""

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

TURNS = 4


@dataclass(frozen=True)
class Teacher:
    """A trained generator, and its share (0 to 1) in what another one is to make."""

    network: keras.Model
    share: float = 1.0

    def lesson(self, lr: Any, truth: Any) -> Any:
        """What is to be made of `lr`: float32 pixel values of `truth`'s shape, no gradient."""
        return truth + self.share * (self_ensemble(self.network, lr) - truth)


def self_ensemble(network: keras.Model, lr: Any) -> Any:
    """Mean of what `network` makes of `lr` in all eight flips and turns, each turned back.

    `lr` are pixel values (N, S, S, 3), float32; the result is (N, 4S, 4S, 3), float32, without a
    gradient. It is nearer to the truth than one result alone (Timofte et al. 2016, arXiv
    1511.02228, section 3.4).
    """
    views = [ops.rot90(lr, turns, axes=(1, 2)) for turns in range(TURNS)]
    views += [ops.flip(view, axis=2) for view in views]
    together = network(ops.concatenate(views), training=False)
    made = ops.split(ops.cast(together, "float32"), len(views))
    unflipped = made[:TURNS] + [ops.flip(view, axis=2) for view in made[TURNS:]]
    back = [ops.rot90(view, -(i % TURNS), axes=(1, 2)) for i, view in enumerate(unflipped)]
    return ops.stop_gradient(sum(back) / len(back))
