"""A trained network as the teacher of another."""

import csv

import keras
import numpy as np
import pytest

from srgan.networks import compact_generator
from srgan.training.teacher import Teacher, self_ensemble
from tests.training.shell import BACKENDS, options, trained


def lopsided():
    """Every pixel four times as wide and high, plus the one on its right: no turn commutes."""
    pixels = keras.Input((None, None, 3))
    kernel = np.zeros((1, 2, 3, 3), np.float32)
    kernel[0, 0], kernel[0, 1] = np.eye(3), np.eye(3)
    sums = keras.layers.Conv2D(3, (1, 2), padding="same", use_bias=False)
    model = keras.Model(pixels, keras.layers.UpSampling2D(4)(sums(pixels)))
    sums.set_weights([kernel])
    return model


@pytest.fixture
def lr():
    return np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 3)).astype(np.float32)


def test_the_ensemble_treats_every_direction_alike(lr):
    made = np.asarray(self_ensemble(lopsided(), lr))
    # the pixel, and a quarter of each of its neighbours, none beyond the border
    around = np.pad(lr, ((0, 0), (1, 1), (1, 1), (0, 0)))
    sides = [around[:, 1:-1, 2:], around[:, 1:-1, :-2], around[:, 2:, 1:-1], around[:, :-2, 1:-1]]
    wanted = (lr + sum(sides) / 4).repeat(4, 1).repeat(4, 2)
    np.testing.assert_allclose(made, wanted, rtol=1e-5)


def test_a_lesson_is_as_far_from_the_truth_as_its_share(lr):
    network, truth = lopsided(), np.full((2, 24, 24, 3), 100, np.float32)
    taught = np.asarray(self_ensemble(network, lr))
    for share in (0.0, 0.25, 1.0):
        lesson = np.asarray(Teacher(network, share).lesson(lr, truth))
        np.testing.assert_allclose(lesson, truth + share * (taught - truth), rtol=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_who_makes_what_the_teacher_makes_has_nothing_to_learn(backend, data, tmp_path):
    file = tmp_path / "teacher.weights.h5"
    model = compact_generator()
    for variable in model.variables:
        variable.assign(np.zeros(variable.shape))  # interpolation is left, the same from all sides
    model.save_weights(file)
    same = ("--weights", file, *options(data, tmp_path / "alone", 1))
    trained("pretrain", *same, backend=backend)
    off = {}
    for share in (1, 0.5):
        run = options(data, tmp_path / f"taught-{share}", 1)
        taught = ("--weights", file, "--teacher", f"compact={file}*{share}", *run)
        trained("pretrain", *taught, backend=backend)
        off[share] = _l1(tmp_path / f"taught-{share}")
    assert off[1] < 0.01
    assert off[0.5] == pytest.approx(_l1(tmp_path / "alone") / 2, rel=0.01)


def _l1(run):
    with open(run / "log.csv", newline="") as file:
        return float(next(csv.DictReader(file))["l1"])
