"""A step in half precision, in which gradients are neither lost below nor above its range."""

import keras
import numpy as np
import pytest
from keras import ops

from srgan.training.step import Step

ONES = np.ones((4, 1), np.float32)


def stepped(factor, half):
    """The weight of one product, 1 at first, after a step on `factor` times its result."""
    layer = keras.layers.Dense(1, use_bias=False, dtype="mixed_float16", kernel_initializer="ones")
    layer.build((None, 1))

    def loss(x):
        return ops.mean(ops.cast(layer(x), "float32")) * factor

    step = Step(
        loss, layer.trainable_variables, keras.optimizers.Adam(0.1, epsilon=1e-9), half=half
    )
    assert float(step(ONES)) == pytest.approx(factor)
    step.sync()
    return layer.get_weights()[0].item()


def test_small_gradients_count_in_half_precision():
    assert stepped(1e-8, half=False) == 1  # below the least number there is in float16
    assert stepped(1e-8, half=True) == pytest.approx(0.9, abs=0.01)


def test_gradients_beyond_half_precision_are_left_out():
    assert np.isnan(stepped(1e6, half=False))
    assert stepped(1e6, half=True) == 1
