"""A photograph of one tone keeps it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from srgan import Options, Upscaler, upscaler
from srgan.cleanness import look
from srgan.imaging import Picture
from srgan.tone import REACH, Tone, keep_tone, tone_of
from tests.photos import gradient, noisy, photograph, sepia

UPSCALER = Upscaler()
LUMA = np.array([0.299, 0.587, 0.114])


def saved(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def worn(pixels, sigma=6, quality=75):
    noise = np.random.default_rng(1).normal(0, sigma, pixels.shape)
    return saved(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8), quality)


def tone_in(pixels, denoise=1.0) -> Tone:
    tone = tone_of(look(pixels), denoise)
    assert tone is not None
    return tone


def off_tone(pixels):
    """By how many levels red and blue are off `sepia` of the pixels' own luma: root mean square."""
    pixels = pixels.astype(float)
    luma = pixels @ LUMA
    wanted = sepia_of(luma)
    return np.sqrt(np.mean(np.square(pixels - wanted)[..., ::2]))


def sepia_of(luma):
    tones = sepia(np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2))[:, 0]
    order = tones @ LUMA
    return np.stack([np.interp(luma, order, tones[:, channel]) for channel in range(3)], axis=-1)


@pytest.mark.parametrize("size", [(500, 400), (60, 40), (12, 9)])
def test_one_tone_is_found_as_it_is(size):
    toned = sepia(photograph(*size))
    tone = tone_in(toned, denoise=0)
    luma = toned @ LUMA
    found = tone.curve[luma.astype(int)]
    wanted = toned[..., ::2] - luma[..., np.newaxis]
    assert np.sqrt(np.mean(np.square(found - wanted))) < 1.5


def test_a_worn_print_has_a_tone_where_it_is_denoised():
    toned = sepia(photograph(500, 400))
    for pixels in (worn(toned), saved(toned, 60), worn(toned, 8, 100)):
        tone_in(pixels)
    yellowed = toned - np.linspace(0, 10, 500)[:, np.newaxis] * [0, 0, 1]
    tone_in(worn(np.rint(yellowed).astype(np.uint8)))


@pytest.mark.parametrize("denoise", [0, 1])
def test_colours_are_no_tone(denoise):
    photo = photograph(500, 400)
    faint = np.rint(photo.mean(axis=2, keepdims=True) * 0.6 + photo * 0.4).astype(np.uint8)
    for pixels in (photo, faint, worn(photo), gradient(500, 400), noisy(64, 64)):
        assert tone_of(look(pixels), denoise) is None


def test_gray_needs_no_tone():
    gray = np.repeat(photograph(60, 60)[..., :1], 3, axis=2)
    assert tone_of(look(gray), 1) is None
    assert tone_of(look(np.full((60, 60, 3), 9, np.uint8)), 1) is None


def test_too_small_a_picture_has_none():
    assert tone_of(look(sepia(photograph(7, 40))), 1) is None


def made_of(windows, spread=9):
    """What a network might make: enlarged, with specks of other colours."""
    large = windows.repeat(4, axis=1).repeat(4, axis=2).astype(np.float32)
    return large + np.random.default_rng(2).normal(0, spread, large.shape).astype(np.float32)


def test_specks_take_the_tone_and_keep_their_brightness():
    windows = sepia(photograph(64, 48))[np.newaxis]
    before = made_of(windows)
    made = before.copy()
    keep_tone(made, windows, tone_in(windows[0], denoise=0))
    np.testing.assert_allclose(made @ LUMA, before @ LUMA, atol=0.01)
    assert off_tone(before[0]) > 8
    assert off_tone(made[0]) < 1.5


def test_other_colours_stay_what_the_network_made_of_them():
    toned = sepia(photograph(500, 400))
    tone = tone_in(toned, denoise=0)
    toned[100:104, 20:26] = [200, 30, 40]  # a date stamp
    toned[10:40, 60:100] = [20, 60, 160]  # a corner that somebody has painted
    windows = toned[np.newaxis, :160, :160]
    before = made_of(windows)
    made = before.copy()
    keep_tone(made, windows, tone)
    for top, left, height, width in ((100, 20, 4, 6), (10, 60, 30, 40)):
        part = np.s_[0, 4 * top : 4 * (top + height), 4 * left : 4 * (left + width)]
        np.testing.assert_array_equal(made[part], before[part])
    far = np.s_[0, 4 * 120 :, 4 * 60 :]
    assert off_tone(made[far]) < off_tone(before[far]) / 3


@settings(max_examples=30)
@given(*[st.integers(0, 40)] * 2, *[st.integers(2 * REACH + 1, 40)] * 2)
def test_what_is_as_far_as_it_reaches_inside_a_window_does_not_depend_on_it(y, x, height, width):
    whole = sepia(photograph(90, 90))[np.newaxis]
    whole[0, 30:34, 30:60] = [30, 90, 200]
    tone = replace(tone_in(sepia(photograph(90, 90))), noise=0.3)
    made = made_of(whole)
    part = made[:, 4 * y : 4 * (y + height), 4 * x : 4 * (x + width)].copy()
    keep_tone(part, whole[:, y : y + height, x : x + width], tone)
    keep_tone(made, whole, tone)
    wanted = made[:, 4 * y : 4 * (y + height), 4 * x : 4 * (x + width)]
    top, left = ((4 * REACH if start else 0) for start in (y, x))
    bottom, right = (
        size - (4 * REACH if start + size // 4 < 90 else 0)
        for start, size in ((y, part.shape[1]), (x, part.shape[2]))
    )
    inner = np.s_[:, top:bottom, left:right]
    np.testing.assert_allclose(part[inner], wanted[inner], atol=1e-3)


def test_windows_have_as_much_context_as_it_reaches():
    for name in UPSCALER.zoo.models():
        assert UPSCALER.zoo.model(name).halo >= REACH
    assert upscaler._CLEANING_HALO >= REACH


@pytest.mark.parametrize("model", UPSCALER.zoo.models())
def test_an_old_print_is_denoised_without_specks_of_colour(model, monkeypatch):
    picture = worn(sepia(photograph(160, 120)))
    options = Options(model=model, denoise=1)
    made = UPSCALER.upscale(picture, options).rgb
    with monkeypatch.context() as patch:
        patch.setattr("srgan.upscaler.tone_of", lambda *_: None)
        before = UPSCALER.upscale(picture, options).rgb
    assert off_tone(made) < 0.8 * off_tone(before)
    np.testing.assert_allclose(made @ LUMA, before @ LUMA, atol=2)


def test_a_part_has_the_tone_of_the_whole():
    whole = worn(sepia(photograph(300, 240)))
    part = Picture(whole[:7, :90].copy())  # too small to have one of its own
    options = Options(denoise=1)
    as_part = UPSCALER.upscale(part, options, part_of=Picture(whole)).rgb
    assert off_tone(as_part) < off_tone(UPSCALER.upscale(part, options).rgb)
