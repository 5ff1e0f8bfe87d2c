"""Layers that are made in another way than Keras's do the same."""

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from srgan.networks import few_maps, generator
from srgan.networks.prelu import PReLU

MAPS = np.random.default_rng(0).normal(size=(2, 6, 10, 5)).astype(np.float32)


def followed(layer, **how):
    """What `layer` makes of MAPS, and the gradients of some sum of it."""
    x = tf.constant(MAPS)
    with tf.GradientTape() as tape:
        tape.watch(x)
        made = layer(x, **how)
        total = tf.reduce_sum(made * np.cos(np.arange(made.numpy().size)).reshape(made.shape))
    return [made, *tape.gradient(total, [x, *layer.trainable_variables])]


def alike(ours, keras_own, **how):
    for layer in (ours, keras_own):
        layer.build(MAPS.shape)
    weights = np.random.default_rng(1)
    ours.set_weights([weights.normal(size=w.shape) for w in ours.get_weights()])
    keras_own.set_weights(ours.get_weights())
    for mine, theirs in zip(followed(ours, **how), followed(keras_own), strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


@pytest.mark.parametrize("size", [1, 3, 9])
def test_a_convolution_to_few_maps(size):
    made = {"filters": 3, "kernel_size": size, "padding": "same"}
    alike(few_maps.Conv2D(**made), layers.Conv2D(**made))


def test_slopes_in_one_pass():
    alike(PReLU(shared_axes=[1, 2]), layers.PReLU(shared_axes=[1, 2]), training=True)
    alike(PReLU(shared_axes=[1, 2]), layers.PReLU(shared_axes=[1, 2]), training=False)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_slopes_in_half_the_bits(precision):
    layer = PReLU(shared_axes=[1, 2], dtype=precision)
    layer.build(MAPS.shape)
    layer.set_weights([np.full((1, 1, 5), 0.25)])
    made = layer(tf.constant(MAPS), training=True)
    assert made.dtype == layer.compute_dtype
    np.testing.assert_allclose(tf.cast(made, "float32"), np.where(MAPS > 0, MAPS, MAPS / 4), 0.01)


def test_files_of_weights_are_those_of_kerass_own():
    """They name layers by their classes, and there are files of before."""
    ours = {type(layer).__name__ for layer in generator(maps=4, blocks=1).layers}
    assert ours <= {*dir(layers), "PixelShuffle"}
