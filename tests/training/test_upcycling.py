"""Pictures as low resolution that a teacher alone can enlarge."""

import csv

import numpy as np
import pytest
from PIL import Image

from srgan import cli
from srgan.errors import BadOption
from srgan.networks import compact_generator
from srgan.training.data import Pair, Patches, low_resolution
from srgan.training.teacher import Teacher, self_ensemble
from srgan.training.upcycling import SIDE, upcycled
from tests.training.shell import options, trained


def enlarged(batch):
    return batch.repeat(4, 1).repeat(4, 2)


@pytest.fixture
def teacher(tmp_path):
    weights = tmp_path / "teacher.weights.h5"
    weights.write_bytes(b"what the network was loaded from")
    return Teacher(enlarged, weights, 0.0, tmp_path)


def picture(width, height, name="one.png"):
    """Red grows by a level in 4 pixels to the right, green in 4 downwards: where says how much."""
    y, x = np.mgrid[:height, :width] // 4
    hr = np.stack([x, y, np.full_like(x, 100)], -1).astype(np.uint8)
    return Pair(name, hr, low_resolution(hr))


def test_pieces_are_of_the_picture_at_half_its_size(teacher):
    for piece in upcycled([picture(700, 500)], teacher):
        assert piece.lr.shape == (SIDE, SIDE, 3)
        inner = piece.lr[2:-2, 2:-2].astype(int)
        np.testing.assert_allclose(inner[:, 2:, 0] - inner[:, :-2, 0], 1)  # 4 HR pixels further
        np.testing.assert_allclose(inner[2:, :, 1] - inner[:-2, :, 1], 1)
        assert (inner[..., 2] == 100).all()


def test_what_is_to_be_made_of_a_piece_is_what_the_teacher_makes(teacher):
    (piece,) = upcycled([picture(320, 320)], teacher)
    assert piece.hr.dtype == np.uint8
    np.testing.assert_array_equal(piece.hr, self_ensemble(enlarged, piece.lr))


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(320, 320, 1), (321, 320, 2), (640, 321, 3), (900, 900, 4), (319, 900, 0)],
)
def test_pieces_would_cover_their_picture_but_are_four_at_most(teacher, width, height, count):
    small = picture(320, 320, "other.png")
    assert len(upcycled([picture(width, height), small], teacher)) == count + 1


def test_pieces_are_the_same_every_time_and_others_of_another_picture(teacher):
    first, again, other = (
        [piece.lr for piece in upcycled([picture(900, 900, name)], teacher)]
        for name in ("one.png", "one.png", "other.png")
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len({piece.tobytes() for piece in first}) == 4


def test_patches_are_cut_from_pieces(teacher):
    lr, hr = Patches(upcycled([picture(400, 400)], teacher), 32, 4).at(0)
    np.testing.assert_array_equal(hr, enlarged(lr))


def test_pictures_that_are_all_too_small_are_a_sentence(teacher):
    with pytest.raises(BadOption, match="at least 320 pixels wide and high"):
        upcycled([picture(319, 400)], teacher)


def test_nobody_but_a_teacher_can_enlarge_them(tmp_path, capsys):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--steps", "1"]
    assert cli.main(["train", "pretrain", *run, "--upcycled-share", "0.5"]) == 2
    assert "Only a --teacher can enlarge" in capsys.readouterr().err


def test_as_many_patches_are_of_pieces_as_were_asked_for(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for name in ("one.png", "two.png"):
        Image.fromarray(np.full((320, 320, 3), 227, np.uint8)).save(data / name)
    file = tmp_path / "teacher.weights.h5"
    model = compact_generator()
    for variable in model.variables:
        variable.assign(np.zeros(variable.shape))  # gray from all sides, between two levels
    model.save_weights(file)
    off = {}
    for share in (0, 0.25, 1):
        output = tmp_path / f"taught-{share}"
        run = ("--weights", file, "--teacher", f"compact={file}*0", "--upcycled-share", share)
        trained("pretrain", *run, *options(data, output, 1, batch=4))
        with open(output / "log.csv", newline="") as log:
            off[share] = float(next(csv.DictReader(log))["l1"])
    assert off[0] == pytest.approx(227 - 127.5)  # from white that is not quite it to gray
    assert off[1] == pytest.approx(0.5)  # lessons are in whole levels
    assert off[0.25] == pytest.approx(0.75 * off[0] + 0.25 * off[1])
