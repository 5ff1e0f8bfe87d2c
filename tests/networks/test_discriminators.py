"""What judges pictures, and the norm that keeps it steady."""

import keras
import numpy as np
import pytest
from keras import ops

from srgan.networks import discriminator, feature_discriminator, unet_discriminator
from srgan.networks.spectral import SpectralConv2D
from tests.photos import photograph


def photos(count, side):
    return np.stack([photograph(side, side)] * count).astype(np.float32)


def spectral(model):
    return [layer for layer in model.layers if isinstance(layer, SpectralConv2D)]


def norm(layer):
    kernel = np.array(ops.convert_to_numpy(layer.kernel))
    return np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), 2)


def test_the_unet_judges_every_pixel():
    assert unet_discriminator(32, 4).predict_on_batch(photos(2, 32)).shape == (2, 32, 32, 1)
    with pytest.raises(ValueError, match="multiple of 8"):
        unet_discriminator(36)


def test_the_published_unet_in_numbers():
    model = unet_discriminator()
    vectors = sum(layer.filters for layer in spectral(model))
    assert model.count_params() - vectors == 4_376_897  # Real-ESRGAN's
    assert len(spectral(model)) == 8


def test_the_papers_discriminator_with_spectral_norm():
    model = discriminator(32, spectral_norm=True)
    assert model.predict_on_batch(photos(3, 32)).shape == (3, 1)
    assert len(spectral(model)) == 10
    assert not [it for it in model.layers if isinstance(it, keras.layers.BatchNormalization)]


def test_the_papers_discriminator_is_as_it_was():
    assert discriminator(96).count_params() == 23_567_361
    assert not spectral(discriminator(32))


def test_kernels_are_divided_by_their_largest_singular_value():
    inputs = keras.Input((6, 6, 5))
    layer = SpectralConv2D(7, 3, use_bias=False)
    model = keras.Model(inputs, layer(inputs))
    plain = keras.layers.Conv2D(7, 3, use_bias=False)
    beside = keras.Model(inputs, plain(inputs))
    plain.set_weights([3 * layer.get_weights()[0]])
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 5)).astype("f4")
    expected = beside.predict_on_batch(x) / (3 * norm(layer))
    np.testing.assert_allclose(model.predict_on_batch(x), expected, rtol=1e-4, atol=1e-5)
    # however large the kernel
    layer.set_weights([3 * layer.get_weights()[0], layer.get_weights()[1]])
    np.testing.assert_allclose(model.predict_on_batch(x), expected, rtol=1e-4, atol=1e-5)


def test_training_follows_a_kernel_that_changes_and_leaves_it_alone():
    inputs = keras.Input((4, 4, 5))
    layer = SpectralConv2D(7, 3, use_bias=False)
    model = keras.Model(inputs, layer(inputs))
    changed = np.random.default_rng(1).normal(size=(3, 3, 5, 7)).astype("f4")
    layer.set_weights([changed, layer.get_weights()[1]])
    x = np.ones((1, 4, 4, 5), np.float32)
    for _ in range(100):
        model(x, training=True)
    kernel, u = layer.get_weights()
    np.testing.assert_array_equal(kernel, changed)
    assert np.linalg.norm(kernel.reshape(-1, 7) @ u) == pytest.approx(norm(layer), rel=1e-3)
    model(x, training=False)
    np.testing.assert_array_equal(layer.get_weights()[1], u)


def test_the_feature_discriminator_judges_every_place_of_every_tap():
    widths = (3, 4, 5, 6)
    model = feature_discriminator(widths, 8)
    given = [np.ones((2, 16 // 2**n, 16 // 2**n, w), "f4") for n, w in enumerate(widths)]
    assert [it.shape for it in model.predict_on_batch(given)] == [
        (2, side, side, 1) for side in (16, 8, 4, 2)
    ]
    assert len(spectral(model)) == 12


@pytest.mark.parametrize(
    "build",
    [
        lambda: discriminator(32, spectral_norm=True),
        lambda: unet_discriminator(32, 4),
        lambda: feature_discriminator([4, 4, 4, 4], 4),
    ],
    ids=["paper", "unet", "features"],
)
def test_a_file_of_weights_brings_the_same_judgement(build, tmp_path):
    """For a run to start from another one's discriminator, wherever its power iteration was."""
    saved, loaded = build(), build()
    saved.set_weights([2 * array if array.ndim == 4 else array for array in saved.get_weights()])
    saved.save_weights(tmp_path / "discriminator.weights.h5")
    loaded.load_weights(tmp_path / "discriminator.weights.h5")
    for a, b in zip(spectral(saved), spectral(loaded), strict=True):
        np.testing.assert_array_equal(a.kernel, b.kernel)
        kernel = np.array(ops.convert_to_numpy(b.kernel)).reshape(-1, b.filters)
        assert np.linalg.norm(kernel @ np.array(b.u)) == pytest.approx(norm(b), rel=1e-5)
    x = [np.ones((1, 32, 32, it.shape[-1]), np.float32) for it in saved.inputs]
    for a, b in zip(saved.predict_on_batch(x), loaded.predict_on_batch(x), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-6)
