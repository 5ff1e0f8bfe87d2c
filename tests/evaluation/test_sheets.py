import numpy as np
import pytest
from PIL import Image

from srgan.errors import BadOption
from srgan.evaluation.benchmark_sets import find_sets
from srgan.evaluation.drawing import save
from srgan.evaluation.methods import BICUBIC, Method
from srgan.evaluation.patterns import patterns
from srgan.evaluation.sheets import (
    CROP,
    GAP,
    HEAD,
    Shown,
    of_files,
    of_patterns,
    of_set,
    sheet,
    spread,
)
from tests.photos import photograph


def cell(image, row, column):
    left, top = GAP + column * (CROP + GAP), HEAD + row * (CROP + HEAD + GAP) + HEAD
    return np.asarray(image.crop((left, top, left + CROP, top + CROP)))


def shown(truth, differences=False):
    small = Image.fromarray(truth)
    small = small.resize((small.width // 4, small.height // 4), Image.Resampling.BICUBIC)
    return Shown("photo", np.asarray(small), truth, differences)


def test_columns_are_input_methods_and_truth_at_the_same_place():
    truth = photograph(CROP, CROP)
    picture = shown(truth)
    image = sheet([picture], [BICUBIC])
    assert np.array_equal(cell(image, 0, 0), picture.lr.repeat(4, 0).repeat(4, 1))
    assert np.array_equal(cell(image, 0, 1), BICUBIC.enlarge(picture.lr))
    assert np.array_equal(cell(image, 0, 2), truth)


def test_the_crop_is_where_most_was_lost():
    truth = np.full((2 * CROP, 3 * CROP, 3), 90, np.uint8)
    truth[CROP + 40 : CROP + 80, 2 * CROP + 100 : 2 * CROP + 140 : 2] = 255
    crop = cell(sheet([shown(truth)], [BICUBIC]), 0, 2)
    assert (crop == 255).sum() == (truth == 255).sum()


def test_differences_are_amplified_around_gray():
    truth = np.full((CROP, CROP, 3), 90, np.uint8)
    brighter = Method("brighter", lambda lr: lr.repeat(4, 0).repeat(4, 1) + np.uint8(3))
    image = sheet([shown(truth, differences=True)], [BICUBIC, brighter])
    assert (cell(image, 1, 1) == 128).all()
    assert (cell(image, 1, 2) == 128 + 3 * 16).all()


def test_small_pictures_have_a_place_too():
    truth = photograph(40, 44)
    image = sheet([shown(truth)], [BICUBIC])
    assert np.array_equal(cell(image, 0, 2)[:44, :40], truth)


def test_pictures_of_sets_and_files(make_set, tmp_path):
    [benchmark_set] = find_sets(make_set("one", pictures=5))
    clean = list(of_set(benchmark_set, 2, degraded=False))
    assert [it.name for it in clean] == ["p0", "p2"]
    degraded = list(of_set(benchmark_set, 2, degraded=True))
    assert (degraded[0].lr != clean[0].lr).any()
    assert np.array_equal(degraded[0].truth, clean[0].truth)
    file = tmp_path / "photo.png"
    Image.fromarray(photograph(50, 43)).save(file)
    [photo] = of_files([file], degraded=False)
    assert photo.truth.shape == (40, 48, 3)
    assert photo.lr.shape == (10, 12, 3)
    with pytest.raises(BadOption, match="missing"):
        list(of_files([tmp_path / "missing.png"], degraded=False))


def test_patterns_are_flat_or_change_slowly_but_for_the_edges():
    made = dict(patterns(64))
    assert (made["flat"] == made["flat"][0, 0]).all()
    for name in ("gradient", "sky"):
        assert np.abs(np.diff(made[name].astype(int), axis=0)).max() <= 6
        assert made[name].std() > 3
    assert len(np.unique(made["edges"].reshape(-1, 3), axis=0)) == 2
    assert [it.name for it in of_patterns()] == list(made)


def test_spread_takes_evenly():
    assert spread("abcdef", 3) == ["a", "c", "e"]
    assert spread("ab", 3) == ["a", "b"]


def test_sheets_are_written_into_new_folders(tmp_path):
    save(Image.new("RGB", (3, 3)), tmp_path / "new" / "sheet.png")
    assert [it.name for it in (tmp_path / "new").iterdir()] == ["sheet.png"]
