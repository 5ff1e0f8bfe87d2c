"""Folders of pictures as training data."""

import io
import itertools
import os
import struct

import numpy as np
import pytest
from PIL import Image

from srgan.training.calibration import shown_to
from srgan.training.data import (
    Patches,
    Pictures,
    find_pictures,
    low_resolution,
    read_rgb,
    split,
)
from srgan.training.degradation import degrade, degrade_batch, jpeg


def _write(path, size=(64, 48), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def test_folders_are_searched_and_broken_pictures_named(tmp_path):
    _write(tmp_path / "a.png")
    _write(tmp_path / "deep" / "b.PNG", (50, 41), 1)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("not a picture either")
    pictures = Pictures(find_pictures(tmp_path), tmp_path / "cache")
    assert [p.name for p in pictures.pairs] == ["a.png", "b.PNG"]
    assert len(pictures.broken) == 1
    assert "broken.jpg" in pictures.broken[0]
    assert pictures.pairs[1].hr.shape == (40, 48, 3), "cut to multiples of 4"
    again = Pictures(find_pictures(tmp_path), tmp_path / "cache")
    np.testing.assert_array_equal(again.pairs[1].lr, pictures.pairs[1].lr)


def test_a_name_need_not_be_utf8(tmp_path):
    try:
        _write(tmp_path / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("this file system takes no such name")
    found = find_pictures(tmp_path)
    assert split(found) == (found, found)
    assert len(Pictures(found, tmp_path / "cache").pairs) == 1


def test_div2k_layout(tmp_path):
    hr = _write(tmp_path / "DIV2K_train_HR" / "0001.png")
    published = np.full((12, 16, 3), 7, np.uint8)
    folder = tmp_path / "DIV2K_train_LR_bicubic" / "X4"
    folder.mkdir(parents=True)
    Image.fromarray(published).save(folder / "0001x4.png")
    pictures = Pictures(find_pictures(tmp_path), tmp_path / "cache")
    assert len(pictures.pairs) == 1
    np.testing.assert_array_equal(pictures.pairs[0].hr, hr)
    np.testing.assert_array_equal(pictures.pairs[0].lr, published)


def test_low_resolution_that_is_published_anew_is_read_anew(tmp_path):
    _write(tmp_path / "DIV2K_train_HR" / "0001.png")
    for level in (7, 77):
        published = tmp_path / "DIV2K_train_LR_bicubic" / "X4" / "0001x4.png"
        published.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 12), (level, 0, 0)).save(published)
        pictures = Pictures(find_pictures(tmp_path), tmp_path / "cache")
        assert (pictures.pairs[0].lr[..., 0] == level).all()


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
def test_of_16_bits_the_upper_8_are_read(tmp_path, kind):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray((levels * np.uint16(256) + 99).astype(kind)).save(tmp_path / "deep.tif")
    np.testing.assert_array_equal(read_rgb(tmp_path / "deep.tif"), np.stack([levels] * 3, axis=-1))


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_32_bits_are_named_and_skipped(tmp_path, kind):
    _write(tmp_path / "a.png")
    Image.fromarray(np.full((16, 16), 0.5, kind)).save(tmp_path / "deep.tif")
    pictures = Pictures(find_pictures(tmp_path), tmp_path / "cache")
    assert [p.name for p in pictures.pairs] == ["a.png"]
    assert pictures.broken == ["deep.tif: it has 32 bits a channel, and only 8 and 16 are read"]


def test_what_is_transparent_is_white_and_what_is_not_stays(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:32, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "cut-out.png")
    read = read_rgb(tmp_path / "cut-out.png")
    assert (read[:32] == 255).all()
    np.testing.assert_array_equal(read[32:], pixels[32:, :, :3])


def _damaged_png() -> bytes:
    """The second half of its pixels is in a chunk without a name: Pillow raises SyntaxError."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    first, _, rest = file.getvalue().rpartition(b"IDAT")
    return first + b"\0\0\0\0" + rest


def _damaged_tiff() -> bytes:
    """Where its pixels begin is a fraction: Pillow raises TypeError."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, "TIFF")
    place, as_double = (struct.pack("<HH", 273, kind) for kind in (4, 12))
    return file.getvalue().replace(place, as_double)


@pytest.mark.parametrize("damaged", [_damaged_png, _damaged_tiff])
def test_damage_that_pillow_has_no_error_of_its_own_for(tmp_path, damaged, capsys):
    _write(tmp_path / "a.png")
    (tmp_path / "damaged.png").write_bytes(damaged())
    pictures = Pictures(find_pictures(tmp_path), tmp_path / "cache")
    assert [p.name for p in pictures.pairs] == ["a.png"]
    assert pictures.broken[0].startswith("damaged.png: ")
    assert len(shown_to("compact", tmp_path)) == 1
    assert "skipped damaged.png" in capsys.readouterr().err


def test_no_pictures_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no pictures"):
        find_pictures(tmp_path)


def test_split_is_fixed_and_about_8_to_2(tmp_path):
    paths = [tmp_path / f"{i}.png" for i in range(500)]
    training, validation = split(paths)
    assert (training, validation) == split(list(paths))
    assert sorted(training + validation) == sorted(paths)
    assert 70 <= len(validation) <= 130


@pytest.mark.parametrize("reduced", [0, 0.5, 1])
def test_batches_are_aligned_and_repeatable(tmp_path, reduced):
    _write(tmp_path / "a.png", (96, 80))
    pairs = Pictures(find_pictures(tmp_path), tmp_path / "cache").pairs
    patches = Patches(pairs, 32, 6, seed=3, reduced_share=reduced)
    lr, hr = patches.at(5)
    assert lr.shape == (6, 8, 8, 3)
    assert hr.shape == (6, 32, 32, 3)
    for small, large in zip(lr, hr, strict=True):
        # the inner pixels of a reduced patch are those of the reduced picture
        inner = low_resolution(large)[2:-2, 2:-2].astype(int)
        assert np.abs(inner - small[2:-2, 2:-2]).max() <= 1
        assert (low_resolution(large) != small).any(), "the outer ones know what is around them"
    again = Patches(pairs, 32, 6, seed=3, reduced_share=reduced).at(5)
    np.testing.assert_array_equal(again[1], hr)
    assert (Patches(pairs, 32, 6, seed=4, reduced_share=reduced).at(5)[1] != hr).any()


@pytest.mark.parametrize(("reduced", "least", "most"), [(0, 4, 4), (1, 4, 8)])
def test_pictures_are_made_smaller_by_half_at_most(tmp_path, reduced, least, most):
    wave = 128 + 100 * np.sin(2 * np.pi * np.arange(256) / 16)
    Image.fromarray(np.tile(wave.astype(np.uint8), (256, 1))).convert("RGB").save(
        tmp_path / "a.png"
    )
    pairs = Pictures(find_pictures(tmp_path), tmp_path / "cache").pairs
    _, hr = Patches(pairs, 64, 100, seed=3, reduced_share=reduced).at(0)
    frequencies = np.abs(np.fft.rfft2(hr[..., 0] - 128.0))  # of waves that lie or stand, a patch
    strongest = frequencies.reshape(100, -1).argmax(axis=1)
    waves = [
        max(min(down, 64 - down), across) for down, across in (divmod(n, 33) for n in strongest)
    ]
    assert (min(waves), max(waves)) == (least, most)


def test_colours_change_about_in_both_resolutions(tmp_path):
    even = np.full((64, 80, 3), (10, 100, 200), np.uint8)
    Image.fromarray(even).save(tmp_path / "even.png")
    pairs = Pictures(find_pictures(tmp_path), tmp_path / "cache").pairs
    lr, hr = Patches(pairs, 32, 200, seed=3, recoloured_share=0.5).at(0)
    colours = lr[:, 0, 0]
    for patches in (lr, hr):
        assert (patches == colours[:, None, None]).all()
    kinds, counts = np.unique(colours, axis=0, return_counts=True)
    assert set(map(tuple, kinds)) == {
        order
        for colour in [(10, 100, 200), (245, 155, 55)]
        for order in itertools.permutations(colour)
    }
    as_it_is = (kinds == (10, 100, 200)).all(axis=1)
    assert 80 < counts[as_it_is] < 140  # half of them, and one in twelve of the others


def test_a_picture_too_small_to_be_reduced_is_cut_as_it_is(tmp_path):
    pixels = _write(tmp_path / "a.png", (32, 32))
    pairs = Pictures(find_pictures(tmp_path), tmp_path / "cache").pairs
    _, hr = Patches(pairs, 32, 4, reduced_share=1).at(0)
    for patch in hr:
        np.testing.assert_array_equal(np.sort(patch, axis=None), np.sort(pixels, axis=None))


def test_patches_come_in_proportion_to_area(tmp_path):
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "small.png")
    Image.fromarray(np.full((120, 120, 3), 255, np.uint8)).save(tmp_path / "large.png")
    pairs = Pictures(find_pictures(tmp_path), tmp_path / "cache").pairs
    _, hr = Patches(pairs, 16, 1000).at(0)
    assert (hr[:, 0, 0, 0] == 255).mean() == pytest.approx(0.9, abs=0.04)


def test_degradations_differ_and_repeat():
    patch = np.tile(np.arange(0, 240, 10, dtype=np.uint8)[:, None, None], (1, 24, 3))
    results = [degrade(patch, np.random.default_rng(i)) for i in range(40)]
    again = [degrade(patch, np.random.default_rng(i)) for i in range(40)]
    assert all(r.shape == patch.shape and r.dtype == np.uint8 for r in results)
    assert all((a == b).all() for a, b in zip(results, again, strict=True))
    untouched = sum((r == patch).all() for r in results)
    assert 1 <= untouched <= 20
    assert np.abs(jpeg(patch, 20).astype(int) - patch).max() > 0


def test_the_share_of_clean_patches_can_be_said():
    patch = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)

    def untouched(share):
        made = degrade_batch(np.stack([patch] * 1000), np.random.default_rng(0), share)
        return np.mean([(it == patch).all() for it in made])

    assert untouched(1.0) == 1
    # what is not left alone on purpose may still have been given nothing: 2/27 of three quarters
    assert untouched(0.0) < 0.2
    assert 0.48 < untouched(0.5) < 0.6


def test_many_patches_have_only_gone_through_the_jpeg_that_photographs_are_saved_with():
    patch = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
    light = {jpeg(patch, q, sub).tobytes() for q in range(75, 96) for sub in (0, 2)}
    made = degrade_batch(np.stack([patch] * 1000), np.random.default_rng(0), 0.0)
    # a quarter, and those of the others that happen to be given nothing else: 4/27 * 21/76 of them
    assert 0.23 < np.mean([it.tobytes() in light for it in made]) < 0.34
