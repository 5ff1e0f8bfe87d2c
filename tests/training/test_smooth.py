"""Smooth patches, and what training on them does at pictures' borders."""

from pathlib import Path

import keras
import numpy as np
import pytest

from srgan.networks import compact_generator
from srgan.training.data import low_resolution
from srgan.training.loop import Settings, adam
from srgan.training.smooth import STEEPEST, SmoothPatches, smooth_loss
from srgan.training.step import Step


@pytest.fixture(scope="module")
def patches():
    return SmoothPatches(seed=5, batch=300).at(7)


def bars(hr):
    """Which of the patches have an edge that is steeper than any ramp."""
    steepest = [np.abs(np.diff(hr, axis=axis)).max((1, 2, 3)) for axis in (1, 2)]
    return np.maximum(*steepest) > STEEPEST


def test_the_lr_patch_is_the_mean_of_the_truth_or_made_as_photographs_are(patches):
    lr, hr = patches
    assert lr.shape == (300, 12, 12, 3)
    assert lr.dtype == np.uint8
    assert hr.shape == (300, 48, 48, 3)
    assert hr.min() >= 0
    assert hr.max() <= 255
    means = hr.reshape(300, 12, 4, 12, 4, 3).mean((2, 4))
    averaged = np.abs(lr - means).max((1, 2, 3)) <= 0.5 + 1e-3
    assert 0.3 < averaged[bars(hr)].mean() < 0.7
    reduced = np.stack([low_resolution(np.rint(patch).astype(np.uint8)) for patch in hr])
    assert (averaged | (lr == reduced).all((1, 2, 3))).all()


def test_there_are_even_ones_ramps_bars_and_both_ends_of_the_range(patches):
    _, hr = patches
    even = np.ptp(hr, axis=(1, 2)).max(1) == 0
    assert 0.25 < even.mean() < 0.45
    assert 0.3 < bars(hr).mean() < 0.5
    assert 0.03 < (hr.min((1, 2, 3)) == 255).mean() < 0.15
    assert 0.01 < (hr.max((1, 2, 3)) == 0).mean() < 0.1
    ends = ((hr == 0) | (hr == 255)).all((1, 2, 3))
    pure = ends & (np.ptp(hr, axis=3).max((1, 2)) == 255)
    assert 0.01 < pure.mean() < 0.1, "full green and its like, even"
    # a ramp bends nowhere
    bends = sum(np.abs(np.diff(hr, 2, axis)).max((1, 2, 3)) for axis in (1, 2))
    ramps = (bends < 1e-3) & ~even
    assert 0.02 < ramps.mean() < 0.2
    assert np.abs(np.diff(hr[ramps], axis=1)).max() > 1
    # some bars stand, some lie, some lean
    changes = [np.abs(np.diff(hr[bars(hr)], axis=axis)).max((1, 2, 3)) > 1e-3 for axis in (1, 2)]
    for kind in (changes[0] & ~changes[1], ~changes[0] & changes[1], changes[0] & changes[1]):
        assert kind.mean() > 0.15


def test_an_edge_that_is_far_off_counts_in_proportion():
    truth = np.zeros((1, 1, 1, 2), np.float32)
    for off, counts in ((1, 1), (2, 4), (10, 36), (20, 76)):
        made = np.array([[[[off, -off]]]], np.float32)
        assert float(smooth_loss(lambda given, training: given, made, truth)) == counts


def test_a_step_has_its_own_patches_and_always_the_same():
    one, same, other = (SmoothPatches(seed=1).at(step)[1] for step in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 20


def test_training_on_them_takes_the_dark_off_borders():
    """An untrained network darkens a white picture's border, where it sees zeros beyond it."""
    keras.utils.set_random_seed(0)
    model = compact_generator(maps=16, blocks=2)
    white = np.full((1, 16, 16, 3), 255, np.float32)

    def darkest():
        return float(255 - model.predict_on_batch(white).min())

    before = darkest()
    step = Step(
        lambda lr, hr: smooth_loss(model, lr, hr),
        model.trainable_variables,
        adam(Settings(Path(), steps=1, learning_rate=2e-3), average=False),
    )
    smooth = SmoothPatches(seed=0)
    losses = [float(step(*smooth.at(number))) for number in range(150)]
    assert before > 20
    assert darkest() < before / 2
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) / 3
