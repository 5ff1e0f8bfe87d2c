"""Weights from files that users name."""

import keras
import numpy as np
import pytest

from srgan.errors import NetworkUnavailable
from srgan.networks import generator
from srgan.networks.stored import load_stored, stored
from tests.photos import photograph


@pytest.fixture(scope="module")
def with_batch_norm(tmp_path_factory):
    """A generator whose batch norm has learnt something, and its file."""
    model = generator(batch_norm=True)
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, 64) for _ in layer.get_weights()])
    file = tmp_path_factory.mktemp("weights") / "normalised.weights.h5"
    model.save_weights(file)
    return model, file


def test_batch_norm_is_read_into_the_convolutions(with_batch_norm):
    model, file = with_batch_norm
    form, plain = stored("paper", file)
    assert form == "paper"
    assert not any(isinstance(it, keras.layers.BatchNormalization) for it in plain.layers)
    photo = photograph(24, 16)[None].astype(np.float32)
    made, expected = plain.predict_on_batch(photo), model.predict_on_batch(photo)
    np.testing.assert_allclose(made, expected, atol=0.1)


def test_a_network_with_more_layers_is_refused(with_batch_norm):
    with pytest.raises(NetworkUnavailable, match="more layers"):
        load_stored(generator(), with_batch_norm[1])


def test_batch_norm_makes_no_paper_network_of_another(with_batch_norm):
    with pytest.raises(NetworkUnavailable, match="not hold the weights"):
        stored("compact", with_batch_norm[1])
