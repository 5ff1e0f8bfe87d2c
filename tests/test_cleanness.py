"""Denoising leaves alone what has nothing to clean."""

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from srgan import Options, Upscaler
from srgan.cleanness import SIDE, change, is_drawn, look, share, starts
from srgan.imaging import Picture
from tests.photos import SAMPLE, noisy, photograph

MODELS = Upscaler().zoo.models()


@given(st.integers(1, 5000))
def test_places_lie_inside_and_apart(length):
    found = starts(length)
    side = min(SIDE, length)
    assert found[0] >= 0
    assert found[-1] + side <= length
    assert all(b - a >= SIDE for a, b in pairwise(found))
    assert abs(found[0] - (length - side - found[-1])) <= 2, "not as far from either end"


@given(st.integers(1, 600), st.integers(1, 600))
def test_places_of_a_picture_are_those_of_its_rows(height, width):
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint8)
    pixels = np.stack([rows, columns, rows], axis=2)
    places = look(pixels)
    assert places.shape[1:] == (min(SIDE, height), min(SIDE, width), 3)
    by_rows = [look(pixels[top : top + SIDE]) for top in starts(height)]
    np.testing.assert_array_equal(places, np.concatenate(by_rows))


def changed(*levels: float) -> float:
    """The `share` of places of which all but a few pixels change by so many levels."""
    given_ = np.full((len(levels), 8, 8, 3), 100.0)
    cleaned = given_ + np.reshape(levels, (-1, 1, 1, 1)) * np.array([1.0, -1.0, 1.0])
    given_[:, :2] = 60  # an edge
    cleaned[:, :2] = 80
    return share(change(given_, cleaned))


def test_half_of_a_place_tells():
    assert changed(0) == 0
    assert changed(0.375) == pytest.approx(0.5)
    assert changed(3) == 1


def test_white_around_a_product_is_no_sign_of_cleanness():
    blank = np.full((6, 8, 8, 3), 255.0)
    product = np.tile(np.arange(0.0, 64).reshape(1, 8, 8, 1), (1, 1, 1, 3))
    for cleaned, wanted in ((product + 2, 1), (product, 0)):
        given_ = np.concatenate([blank, product])
        assert share(change(given_, np.concatenate([blank, cleaned]))) == wanted
    assert share(change(blank, blank)) == 0


def test_a_third_of_the_places_tells():
    assert changed(*[0] * 6, 2, 2, 2) == 1
    assert changed(*[0] * 7, 9, 9) == 0, "two places in nine may be a pattern"
    assert changed(0, 0, 2, 2) == 1


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler()


@pytest.mark.parametrize("size", [(256, 170), (70, 50)])
@pytest.mark.parametrize("model", MODELS)
def test_what_is_clean_stays_as_it_is(upscaler, model, size):
    with Image.open(SAMPLE) as sample:
        clean = np.asarray(sample.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    on, off = (upscaler.upscale(clean, Options(model=model, denoise=d)).rgb for d in (1, 0))
    np.testing.assert_array_equal(on, off)
    assert not upscaler.needs_denoising(clean)


@pytest.mark.parametrize("model", MODELS)
def test_noise_and_jpeg_are_taken_away_in_full(upscaler, model, monkeypatch):
    file = io.BytesIO()
    Image.fromarray(photograph(200, 150)).save(file, "JPEG", quality=60)
    for worn in (noisy(60, 40), file.getvalue()):
        made = upscaler.upscale(worn, Options(model=model, denoise=1)).rgb
        with monkeypatch.context() as patch:
            patch.setattr("srgan.cleanness.share", lambda *_: 1.0)
            wanted = upscaler.upscale(worn, Options(model=model, denoise=1)).rgb
        np.testing.assert_array_equal(made, wanted)
        assert not np.array_equal(made, upscaler.upscale(worn, Options(model=model)).rgb)
        assert upscaler.needs_denoising(worn)


def test_a_dark_jpeg_needs_denoising_and_noise_that_nobody_sees_does_not(upscaler):
    dark = photograph(200, 150) // 2
    noise = np.random.default_rng(2).normal(0, 1.5, dark.shape)
    assert not upscaler.needs_denoising(np.clip(np.rint(dark + noise), 0, 255).astype(np.uint8))
    with Image.open(SAMPLE) as sample:
        small = sample.convert("RGB").resize((128, 85), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.point(lambda level: level // 2).save(file, "JPEG", quality=60)
    assert upscaler.needs_denoising(file.getvalue())


def test_the_default_model_tells_for_all(upscaler):
    """By `autoencoder-detailed` half of what faint noise this is changes by more than 2 levels."""
    photo = photograph(200, 150)
    noise = np.random.default_rng(1).normal(0, 2.2, photo.shape)
    places = look(np.clip(np.rint(photo + noise), 0, 255).astype(np.uint8))
    fitted = [upscaler.fitted(places, Options(model=m, denoise=0.8))[0].denoise for m in MODELS]
    assert 0 < fitted[0] < 0.8
    assert fitted == [fitted[0]] * len(MODELS)


def page_of_text(size: int, ink: str, paper: str) -> Image.Image:
    page = Image.new("RGB", (600, 400), paper)
    font = ImageFont.load_default(size)
    for top in range(6, 400 - size, round(1.4 * size)):
        line = "The quick brown fox jumps over the lazy dog 0123456789, (EUR 12.50) & all " * 2
        ImageDraw.Draw(page).text((8, top), line[top % 60 :], font=font, fill=ink)
    return page


@pytest.mark.parametrize("colours", [("black", "white"), ("#dcdcdc", "#1e1e1e")])
@pytest.mark.parametrize("size", [11, 13, 16])
def test_text_on_a_screen_is_clean_and_its_jpeg_is_not(upscaler, size, colours):
    page = page_of_text(size, *colours)
    assert not upscaler.needs_denoising(np.asarray(page))
    file = io.BytesIO()
    page.save(file, "JPEG", quality=75)
    assert upscaler.needs_denoising(file.getvalue())


def test_a_photograph_is_not_drawn_however_it_was_worn():
    file = io.BytesIO()
    Image.fromarray(photograph(600, 400)).save(file, "JPEG", quality=10)
    with Image.open(file) as worn:
        assert not is_drawn(look(np.asarray(worn)))
    assert not is_drawn(look(photograph(1, 300)))
    assert is_drawn(look(np.asarray(page_of_text(13, "navy", "beige"))))


class Loading:
    """An engine that says what is loaded, and runs nothing."""

    def __init__(self):
        self.loaded: set[str] = set()

    def load(self, network):
        self.loaded.add(network.name)


def test_what_tells_is_ready_with_a_model():
    engine = Loading()
    Upscaler(engine=engine).load("detailed")  # type: ignore[arg-type]
    assert engine.loaded == {"detailed", "autoencoder-detailed", "faithful-fast", "autoencoder"}


def test_without_an_autoencoder_for_the_default_a_model_tells_for_itself(upscaler, monkeypatch):
    default = upscaler.zoo.model(upscaler.zoo.default)
    alone = replace(default, autoencoder=None)
    monkeypatch.setitem(upscaler.zoo.networks, default.name, alone)
    worn = look(noisy(60, 40))
    assert upscaler.fitted(worn, Options(model="detailed-fast", denoise=1))[0].denoise == 1
    assert upscaler.fitted(worn, Options(denoise=1))[0].denoise == 1, "there is nothing to ask"
    assert not upscaler.needs_denoising(noisy(60, 40))


def test_a_part_is_denoised_as_the_whole_is(upscaler):
    clean = np.tile(photograph(160, 160), (3, 3, 1))
    clean[:40, :40] = noisy(40, 40)
    part, options = Picture(clean[:40, :40].copy()), Options(denoise=1)
    as_part = upscaler.upscale(part, options, part_of=Picture(clean)).rgb
    np.testing.assert_array_equal(as_part, upscaler.upscale(part).rgb)
    assert not np.array_equal(as_part, upscaler.upscale(part, options).rgb)
