"""The paper's generator as it is served: a body and a tail that together are the network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from srgan.networks import autoencoder, compact_generator, generator
from srgan.networks.arithmetic import multiply_adds_per_lr_pixel, of_the_tail
from srgan.networks.few_maps import before_shuffle
from srgan.networks.generator import SPLIT
from srgan.networks.tail import has_tail, tail


@pytest.mark.parametrize(("size", "factor"), [(1, 2), (3, 2), (5, 2), (9, 2), (9, 4), (5, 3)])
def test_a_convolution_can_be_done_before_the_shuffle(size, factor):
    random = np.random.default_rng(size + factor)
    maps = random.normal(size=(1, 6, 7, factor**2 * 2)).astype(np.float32)
    kernel = random.normal(size=(size, size, 2, 3)).astype(np.float32)
    after = tf.nn.conv2d(tf.nn.depth_to_space(maps, factor), kernel, 1, "SAME")
    small = tf.nn.conv2d(maps, before_shuffle(kernel, factor), 1, "SAME")
    np.testing.assert_allclose(tf.nn.depth_to_space(small, factor), after, atol=1e-4)


@pytest.fixture(scope="module")
def small():
    """The generator with few maps and with weights that all matter."""
    model = generator(maps=8, blocks=1)
    random = np.random.default_rng(0)
    for variable in model.variables:
        variable.assign(random.normal(0, 0.1, variable.shape))
    return model


def test_body_and_tail_are_the_network(small):
    pixels = np.random.default_rng(1).uniform(0, 255, (1, 9, 7, 3)).astype(np.float32)
    body = keras.Model(small.inputs, small.get_layer(SPLIT).output)
    np.testing.assert_allclose(tail(small)(body(pixels)), small(pixels), atol=1e-2)


def test_three_pixels_of_context_are_all_the_tail_sees(small):
    run = tail(small)
    maps = np.random.default_rng(2).normal(size=(1, 20, 9, 8)).astype(np.float32)
    changed = maps.copy()
    changed[:, 10:] += 1
    difference = np.abs(run(changed) - run(maps)).max(axis=(0, 2, 3))
    assert difference[: 4 * (10 - 3)].max() == 0
    assert difference[4 * 10 :].min() > 0


def test_only_the_papers_generator_has_a_tail(small):
    assert has_tail(small)
    assert not has_tail(compact_generator())
    assert not has_tail(autoencoder())


def test_the_tails_arithmetic():
    model = generator()
    # two convolutions to 256 maps, at one and two times the size, and one to 3 at four times
    expected = 9 * 64 * 256 * (1 + 4) + 81 * 64 * 3 * 16
    assert of_the_tail(model) == pytest.approx(expected)
    assert of_the_tail(model) < multiply_adds_per_lr_pixel(model)
