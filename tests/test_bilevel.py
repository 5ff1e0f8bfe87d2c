"""Pictures of two colours."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from srgan import Options, Upscaler
from srgan.bilevel import enlarge, is_bilevel
from srgan.imaging import Picture
from srgan.upscaler import Progress

INK, PAPER = np.array([10, 20, 200], np.uint8), np.array([250, 240, 30], np.uint8)
FONT = ImageFont.load_default(160)


def speckles(height: int, width: int) -> np.ndarray:
    dark = np.random.default_rng(height).random((height, width, 1)) < 0.5
    return np.where(dark, INK, PAPER)


def drawing_and_truth() -> tuple[np.ndarray, np.ndarray]:
    """Print and shapes of two levels, and what they were cut from at four times their size."""
    drawn = Image.new("L", (1280, 512), 255)
    draw = ImageDraw.Draw(drawn)
    draw.text((40, 20), "Fax: gQ&7", font=FONT, fill=0)
    draw.ellipse((60, 220, 600, 480), fill=0)
    draw.line((640, 240, 1240, 480), fill=0, width=24)
    lr = np.asarray(drawn.resize((160, 64), Image.Resampling.BOX))
    hr = np.asarray(drawn.resize((640, 256), Image.Resampling.BOX))
    return np.where(lr > 127, 255, 0).astype(np.uint8), hr


def psnr(made: np.ndarray, truth: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(made.astype(float) - truth).mean()))


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler()


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("where", [(0, 0), (37, 5), (59, 69)])
def test_two_colours_are_told_from_three(count, where):
    pixels = speckles(60, 70) if count > 1 else np.full((60, 70, 3), 9, np.uint8)
    if count == 3:
        pixels[where] = 77
    assert is_bilevel(pixels) == (count < 3)
    assert is_bilevel(pixels[:, :, :1]) == (count < 3)


def test_channels_count_together():
    pixels = np.zeros((1, 4, 3), np.uint8)
    pixels[0, 1:3, 0] = pixels[0, 2:, 1] = 255  # two values in either, and four colours
    assert not is_bilevel(pixels)


def test_one_colour_stays_what_it_is():
    np.testing.assert_array_equal(enlarge(np.full((3, 5, 3), INK), 4), np.full((12, 20, 3), INK))


def test_even_parts_keep_their_colours_and_edges_lie_where_they_were():
    pixels = np.full((12, 12, 3), PAPER)
    pixels[:, 6:] = INK
    made = enlarge(pixels, 4)
    np.testing.assert_array_equal(made[:, :22], np.full((48, 22, 3), PAPER))
    np.testing.assert_array_equal(made[:, 26:], np.full((48, 22, 3), INK))
    between = np.abs(made[:, 22:26].mean(axis=1) - (PAPER / 2 + INK / 2))
    assert between.max() <= 0.5


@given(st.integers(0, 500), st.integers(7, 300))
def test_rows_that_are_cut_out_become_what_they_become_in_the_whole(top, rows):
    pixels = speckles(520, 9)
    part, whole = enlarge(pixels[top : top + rows], 4), enlarge(pixels, 4)
    np.testing.assert_array_equal(part[12:-12], whole[4 * top : 4 * (top + rows)][12:-12])


def test_a_scan_of_one_bit_comes_out_better_than_by_interpolation_or_a_network(upscaler):
    hard, truth = drawing_and_truth()
    file = io.BytesIO()
    Image.fromarray(hard).convert("1").save(file, "PNG")
    steps: list[Progress] = []
    made = upscaler.upscale(file.getvalue(), Options(denoise=1), on_progress=steps.append)
    bicubic = Image.fromarray(hard).resize((640, 256), Image.Resampling.BICUBIC)
    network = upscaler.run_window(np.stack([hard] * 3, axis=2), Options(), gray=True)
    by_others = psnr(np.asarray(bicubic), truth), psnr(network[:, :, 0], truth)
    assert psnr(made.rgb[:, :, 0], truth) > max(by_others) + 0.5
    assert made.gray
    assert [(it.tiles_done, it.tiles_total) for it in steps] == [(0, 1), (1, 1)]
    assert not upscaler.needs_denoising(file.getvalue())


def test_a_cut_outs_edge_is_smooth_and_its_colour_is_the_networks(upscaler):
    photo = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    y, x = np.mgrid[:40, :50]
    inside = np.hypot(y - 20, x - 25) < 15
    alpha = np.where(inside, np.uint8(255), np.uint8(0))
    made = upscaler.upscale(Picture(photo, alpha))
    assert made.alpha is not None
    np.testing.assert_array_equal(made.alpha, enlarge(alpha[:, :, np.newaxis], 4)[:, :, 0])
    distance = np.hypot(*(np.mgrid[:160, :200] - np.array([81.5, 101.5])[:, None, None])) / 4
    assert (made.alpha[distance < 13.5] == 255).all()
    assert (made.alpha[distance > 16.5] == 0).all()
    assert np.ptp(made.rgb[distance < 10]) > 0


def test_a_parts_transparency_goes_the_way_of_the_wholes(upscaler):
    photo = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    alpha = np.zeros((40, 60), np.uint8)
    alpha[:, 10:] = 255
    soft = alpha.copy()
    soft[:, 50:] = 128
    part = Picture(photo[:, :20].copy(), alpha[:, :20].copy())
    of_hard, of_soft = (
        upscaler.upscale(part, part_of=Picture(photo, whole)).alpha for whole in (alpha, soft)
    )
    np.testing.assert_array_equal(of_hard, upscaler.upscale(part).alpha)
    assert not np.array_equal(of_soft, of_hard)


def test_a_part_goes_the_way_of_the_whole(upscaler):
    whole = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    whole[:20, :20] = speckles(20, 20)
    part = Picture(whole[:20, :20].copy())
    alone, of_whole = upscaler.upscale(part), upscaler.upscale(part, part_of=Picture(whole))
    np.testing.assert_array_equal(alone.rgb, enlarge(part.rgb, 4))
    assert not np.array_equal(of_whole.rgb, alone.rgb)
