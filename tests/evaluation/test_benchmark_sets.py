import numpy as np
import pytest
from PIL import Image

from srgan.errors import BadOption
from srgan.evaluation.benchmark_sets import Pair, find_sets


def test_sets_come_smallest_first_and_with_all_their_pictures(make_set):
    make_set("large", pictures=3)
    folder = make_set("small", pictures=1)
    (folder / "notes").mkdir()
    sets = find_sets(folder)
    assert [it.name for it in sets] == ["small", "large"]
    assert [pair.name for pair in sets[1].pairs] == ["p0", "p1", "p2"]


def test_one_set_alone_is_a_folder_of_sets_too(make_set):
    folder = make_set("only")
    assert [it.name for it in find_sets(folder / "only")] == ["only"]


def test_what_is_beyond_four_times_the_small_picture_is_cut_off_at_the_end(make_set):
    folder = make_set("odd", pictures=1, size=(67, 50))
    (pair,) = find_sets(folder)[0].pairs
    assert isinstance(pair, Pair)
    lr, truth = pair.read()
    assert lr.shape == (12, 16, 3)
    assert np.array_equal(truth, np.asarray(Image.open(pair.hr))[:48, :64])


def test_gray_pictures_become_rgb(make_set):
    (pair,) = find_sets(make_set("gray", pictures=1, mode="L"))[0].pairs
    lr, truth = pair.read()
    assert lr.shape[2] == truth.shape[2] == 3
    assert np.array_equal(truth[..., 0], truth[..., 2])


def test_a_small_picture_of_another_picture_is_refused(make_set):
    folder = make_set("wrong", pictures=1)
    Image.new("RGB", (20, 12)).save(folder / "wrong" / "LR" / "p0.png")
    with pytest.raises(BadOption, match="not a quarter"):
        find_sets(folder)[0].pairs[0].read()


def test_a_picture_too_small_for_the_metrics_is_refused(make_set):
    folder = make_set("tiny", pictures=1, size=(48, 36))
    with pytest.raises(BadOption, match="too small"):
        find_sets(folder)[0].pairs[0].read()


def test_a_file_that_is_no_picture_is_named(make_set):
    folder = make_set("broken", pictures=1)
    (folder / "broken" / "LR" / "p0.png").write_text("no picture")
    with pytest.raises(BadOption, match=r"p0\.png cannot be measured"):
        find_sets(folder)[0].pairs[0].read()


def test_a_picture_without_its_counterpart_is_named(make_set):
    folder = make_set("lonely")
    (folder / "lonely" / "LR" / "p1.png").unlink()
    with pytest.raises(BadOption, match=r"p1\.png is not in both"):
        find_sets(folder)


def test_no_folder_and_no_set_are_told_apart(tmp_path):
    with pytest.raises(BadOption, match="not a folder"):
        find_sets(tmp_path / "nothing")
    with pytest.raises(BadOption, match="no set"):
        find_sets(tmp_path)
    (tmp_path / "empty" / "HR").mkdir(parents=True)
    with pytest.raises(BadOption, match="is empty"):
        find_sets(tmp_path)
