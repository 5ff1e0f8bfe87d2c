"""Drawn words: what they are of, that they repeat, and that the stages train on them."""

import numpy as np
import pytest

from srgan.errors import BadOption
from srgan.evaluation.pages import CONTRAST
from srgan.training.data import Pair, Patches, low_resolution
from srgan.training.lettering import Lettering, find_fonts, whole_patch
from srgan.training.mixture import PHOTOGRAPHS, Mixture
from tests.training.fonts import write_font

EVEN = (10, 200, 90)  # a colour that no drawn ground has but by a rare chance


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """A folder with a font, of those that come with Pillow, and what is none."""
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "deep").mkdir()
    write_font(folder / "deep" / "font.TTF")
    (folder / "broken.otf").write_bytes(b"no font")
    (folder / "readme.txt").write_text("no font")
    return folder


@pytest.fixture(scope="module")
def photographs():
    hr = np.full((160, 160, 3), EVEN, np.uint8)
    return [Pair("even", hr, low_resolution(hr))]


def lettering(photographs, fonts, seed=3, count=60):
    return Lettering(Patches(photographs, whole_patch(96), count), find_fonts(fonts), seed)


@pytest.fixture(scope="module")
def patches(photographs, fonts):
    return lettering(photographs, fonts).at(7)


def test_they_are_aligned_and_repeatable(patches, photographs, fonts):
    lr, hr = patches
    assert (lr.shape, hr.shape) == ((60, 24, 24, 3), (60, 96, 96, 3))
    assert lr.dtype == hr.dtype == np.uint8
    for small, large in zip(lr, hr, strict=True):
        inner = low_resolution(large)[2:-2, 2:-2].astype(int)
        assert np.abs(inner - small[2:-2, 2:-2]).max() <= 1
    np.testing.assert_array_equal(lettering(photographs, fonts).at(7)[1], hr)
    assert (lettering(photographs, fonts).at(8)[1] != hr).any()
    assert (lettering(photographs, fonts, seed=4).at(7)[1] != hr).any()


def grounds(hr):
    """The commonest colour of each patch, and the share of its pixels that are far from it."""
    for patch in hr:
        colours, counts = np.unique(patch.reshape(-1, 3), axis=0, return_counts=True)
        ground = colours[counts.argmax()].astype(int)
        yield ground, (np.abs(patch - ground).max(2) > CONTRAST / 2).mean()


def test_they_are_words_on_white_on_other_colours_and_on_photographs(patches):
    commonest, inked = zip(*grounds(patches[1]), strict=True)
    assert 0.05 < np.median(inked) < 0.5
    assert np.mean(np.array(inked) > 0.01) > 0.9
    colours = np.array(commonest)
    assert 0.15 < (colours == EVEN).all(1).mean() < 0.45
    assert 0.2 < (colours == 255).all(1).mean() < 0.6
    assert len(np.unique(colours, axis=0)) > 10


def test_most_lines_run_across(patches):
    across = 0
    for patch, (ground, _) in zip(patches[1], grounds(patches[1]), strict=True):
        ink = np.abs(patch - ground).max(2).astype(float)
        across += ink.mean(1).std() > ink.mean(0).std()
    assert 0.6 < across / len(patches[1]) < 1


def test_fonts_are_found_and_what_is_none_is_left_out(fonts, tmp_path):
    assert [path.name for path in find_fonts(fonts)] == ["font.TTF"]
    with pytest.raises(BadOption, match="no fonts with Latin letters"):
        find_fonts(tmp_path)


def test_a_share_of_each_batch_is_of_words(photographs, fonts):
    lr, hr = Mixture(0.0, 0.25, find_fonts(fonts)).of(photographs, 96, 8).at(0)
    assert (lr.shape, hr.shape) == ((8, 24, 24, 3), (8, 96, 96, 3))
    assert [bool((patch == EVEN).all()) for patch in hr] == [False] * 2 + [True] * 6
    assert len(Mixture(0.0, 1.0, find_fonts(fonts)).of(photographs, 96, 3).at(0)[0]) == 3
    assert (PHOTOGRAPHS.of(photographs, 96, 3).at(0)[1] == EVEN).all()


def test_a_share_that_is_less_than_a_patch_is_a_sentence(photographs, fonts):
    with pytest.raises(BadOption, match=r"--lettering-share 0\.1 of 4 patches is none"):
        Mixture(0.0, 0.1, find_fonts(fonts)).of(photographs, 96, 4)
