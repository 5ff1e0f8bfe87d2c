"""The 8-bit forms: trained on rounded values, exported as convolutions of bytes."""

import numpy as np
import pytest
import tensorflow as tf

from srgan.evaluation.metrics import psnr
from srgan.networks import autoencoder, compact_generator
from srgan.networks.export import to_litert
from srgan.networks.int8 import Int8, Int8Conv2D
from srgan.training.calibration import calibrate
from tests.photos import photograph

MAPS = np.random.default_rng(0).normal(size=(1, 40, 50, 3)).astype(np.float32)


def ranged(high, low=None):
    layer = Int8(positive=low is None)
    layer.build(MAPS.shape)
    layer.set_weights([np.array(end) for end in (high, low) if end is not None])
    return layer


def _within(made):
    return (made.min() < MAPS) & (made.max() > MAPS)


def test_maps_have_256_values_in_their_range():
    made = ranged(1.5, -0.5)(MAPS).numpy()
    assert len(np.unique(made)) == 256
    assert made.max() - made.min() == pytest.approx(2)
    inside = _within(made)
    assert np.abs(made - MAPS)[inside].max() <= 1 / 255 + 1e-6
    assert 0 in made  # what adds nothing adds nothing when rounded
    positive = ranged(1.5)(MAPS).numpy()
    assert (positive.min(), positive.max()) == (0, 1.5)


def test_gradients_pass_and_move_the_range():
    layer = ranged(1.5, -0.5)
    x = tf.constant(MAPS)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(layer(x))
    of_maps, high, low = tape.gradient(total, [x, layer.high, layer.low])
    made = layer(MAPS).numpy()
    inside = _within(made)
    np.testing.assert_array_equal(of_maps.numpy(), inside)
    assert (high, low) == ((made.max() <= MAPS).sum(), (made.min() >= MAPS).sum())


def test_weights_have_255_values_for_each_map():
    layer = Int8Conv2D(2, 3)
    layer.build((None, None, None, 3))
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 2)).astype(np.float32)
    kernel[..., 1] *= 100  # a map of its own scale
    layer.set_weights([kernel, np.array([5.0, 7.0])])
    one = np.zeros((1, 5, 5, 3), np.float32)
    one[0, 2, 2, 1] = 1
    made = layer(one).numpy()[0, ::-1, ::-1] - [5, 7]
    steps = np.abs(kernel).max(axis=(0, 1, 2)) / 127
    np.testing.assert_allclose(made, np.rint(kernel / steps)[:, :, 1] * steps, atol=1e-4)


@pytest.mark.parametrize("build", [compact_generator, autoencoder])
def test_a_calibrated_network_does_what_it_did(build):
    trained = build()
    random = np.random.default_rng(0)
    for layer in trained.layers:
        if "block" in layer.name and layer.get_weights():
            layer.set_weights([w + random.normal(0, 0.03, w.shape) for w in layer.get_weights()])
    made = build(int8=True)
    pictures = photograph(96, 80)[np.newaxis].astype(np.float32)
    calibrate(made, trained, list(pictures), 1)
    before, untrained, after = (
        network.predict_on_batch(pictures) for network in (trained, build(), made)
    )
    assert np.abs(after - before).max() > 0
    assert psnr(after, before) > psnr(untrained, before) + 20


@pytest.mark.parametrize("build", [compact_generator, autoencoder])
def test_exported_its_blocks_multiply_bytes(build):
    model = build(maps=16, blocks=3, int8=True)
    content = to_litert(model)
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    kinds = {detail["index"]: detail["dtype"] for detail in interpreter.get_tensor_details()}
    convolutions = [
        operation
        for operation in interpreter._get_ops_details()
        if operation["op_name"] == "CONV_2D"
    ]
    of_bytes = [it for it in convolutions if kinds[it["inputs"][1]] == np.int8]
    assert len(of_bytes) == 2 * 2
    assert all(kinds[it["inputs"][0]] == kinds[it["outputs"][0]] == np.int8 for it in of_bytes)
    assert len(convolutions) > len(of_bytes)
