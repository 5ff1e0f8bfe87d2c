"""A trained network as the teacher of another."""

import csv

import numpy as np
import pytest

from srgan.networks import compact_generator
from srgan.training.data import Pair, Patches
from srgan.training.teacher import Teacher, self_ensemble, self_ensemble_of_square, taught
from tests.training.shell import BACKENDS, options, trained


def lopsided(batch):
    """Each pixel four times as wide and high, less a half of its right one: no turn commutes."""
    mixed = batch - np.pad(batch, ((0, 0), (0, 0), (0, 1), (0, 0)))[:, :, 1:] / 2
    return mixed.repeat(4, 1).repeat(4, 2)


@pytest.fixture
def lr():
    return np.random.default_rng(0).integers(100, 110, (20, 30, 3), np.uint8) * 2


@pytest.fixture
def pair(lr):
    return Pair("one.png", np.full((80, 120, 3), 50, np.uint8), lr)


@pytest.fixture
def weights(tmp_path):
    file = tmp_path / "teacher.weights.h5"
    file.write_bytes(b"what the network was loaded from")
    return file


def test_the_ensemble_treats_every_direction_alike(lr):
    made = self_ensemble(lopsided, lr)
    # less an eighth of each neighbour, inside, where no border changes what they are
    inner = lr[1:-1, 1:-1].astype(float)
    around = (lr[1:-1, 2:], lr[1:-1, :-2], lr[2:, 1:-1], lr[:-2, 1:-1])
    wanted = (inner - sum(side.astype(float) for side in around) / 8).repeat(4, 0).repeat(4, 1)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made[4:-4, 4:-4], wanted, atol=0.51)  # each is in whole levels
    alone = lopsided(lr[None].astype(np.float32))[0]
    assert abs(alone[4:-4, 4:-4] - wanted).max() > 1


def test_a_square_seen_whole_is_the_same(lr):
    square = np.ascontiguousarray(lr[:, :20])
    calls = []

    def watched(batch):
        calls.append(batch.shape)
        return lopsided(batch)

    made = self_ensemble_of_square(watched, square)
    assert calls == [(8, 20, 20, 3)]
    assert made.dtype == np.float32
    # tiles are rounded, and padded at the picture's border where lopsided sees black
    inner = slice(4, -4)
    wanted = self_ensemble(lopsided, square)
    np.testing.assert_allclose(made[inner, inner], wanted[inner, inner], atol=0.51)


def test_levels_that_no_picture_has_are_cut_off_before_the_mean():
    square = np.full((8, 8, 3), 250, np.uint8)
    views = iter((300, 240, 240, 240, 240, 240, 240, 240))

    def at_odds(batch):
        return np.stack([np.full((32, 32, 3), next(views), np.float32) for _ in batch])

    made = self_ensemble_of_square(at_odds, square)
    np.testing.assert_allclose(made, (255 + 7 * 240) / 8)


def test_a_lesson_is_as_far_from_the_truth_as_its_share(pair, weights, tmp_path):
    made = self_ensemble(lopsided, pair.lr)
    for share in (0.0, 0.25, 1.0):
        teacher = Teacher(lopsided, weights, share, tmp_path)
        (lesson,) = taught([pair], teacher)
        np.testing.assert_allclose(lesson.hr, 50 + share * (made - 50), atol=0.501)
        assert lesson.hr.dtype == np.uint8
        assert lesson.lr is pair.lr


def test_a_lesson_is_given_once(pair, weights, tmp_path):
    asked = []

    def counting(batch):
        asked.append(len(batch))
        return lopsided(batch)

    (first,) = taught([pair], Teacher(counting, weights, 1.0, tmp_path))
    lesson = np.array(first.hr)
    assert asked
    asked.clear()
    (again,) = taught([pair], Teacher(counting, weights, 1.0, tmp_path))
    np.testing.assert_array_equal(again.hr, lesson)
    assert not asked
    weights.write_bytes(b"trained on")
    (other,) = taught([pair], Teacher(counting, weights, 1.0, tmp_path))
    assert other.hr.shape == lesson.shape
    assert asked


def test_patches_are_of_the_lessons(pair, weights, tmp_path):
    teacher = Teacher(lopsided, weights, 1.0, tmp_path)
    lesson = np.asarray(taught([pair], teacher)[0].hr)
    lr, hr = Patches(taught([pair], teacher), 16, 8).at(0)
    _, truth = Patches([pair], 16, 8).at(0)
    assert (truth == 50).all()
    for small, large in zip(lr, hr, strict=True):
        assert _found(small, pair.lr)
        assert _found(large, lesson)


def _found(patch, picture):
    """Whether `picture` has `patch`, in any flip or turn."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, patch.shape)[:, :, 0]
    views = [np.rot90(side, turns) for side in (patch, patch[:, ::-1]) for turns in range(4)]
    return any((windows == view).all((2, 3, 4)).any() for view in views)


@pytest.mark.parametrize("backend", BACKENDS)
def test_who_makes_what_the_teacher_makes_has_nothing_to_learn(backend, data, tmp_path):
    file = tmp_path / "teacher.weights.h5"
    model = compact_generator()
    for variable in model.variables:
        variable.assign(np.zeros(variable.shape))  # gray from all sides, between two levels
    model.save_weights(file)
    same = ("--weights", file, *options(data, tmp_path / "alone", 1))
    trained("pretrain", *same, backend=backend)
    off = {}
    for share in (1, 0.5):
        run = options(data, tmp_path / f"taught-{share}", 1)
        taught = ("--weights", file, "--teacher", f"compact={file}*{share}", *run)
        trained("pretrain", *taught, backend=backend)
        off[share] = _l1(tmp_path / f"taught-{share}")
    assert off[1] == pytest.approx(0.5)  # lessons are in whole levels
    assert off[0.5] == pytest.approx(_l1(tmp_path / "alone") / 2, rel=0.1)


def _l1(run):
    with open(run / "log.csv", newline="") as file:
        return float(next(csv.DictReader(file))["l1"])
