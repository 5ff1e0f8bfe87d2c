"""The page as a person uses it: a real server, a real browser, real networks."""

import numpy as np
import pytest
from PIL import Image

from srgan.web import words
from tests.browser.page import (
    button,
    compare,
    downloaded,
    find,
    gradient,
    open_sample,
    push,
    says,
    sideways,
    stage,
    text,
    until,
    upload,
    upscale,
)
from tests.imaging import heic
from tests.imaging.pictures import saved
from tests.photos import noisy

pytestmark = pytest.mark.browser


def test_a_photo_comes_back_four_times_as_wide_and_high(server, browser, photo, screenshot):
    driver = browser()
    driver.get(server)
    upload(driver, photo)
    says(driver, "200 × 148")
    push(driver, "Upscale")
    push(driver, "Download")
    with Image.open(downloaded(driver, "photo-4x.jpg")) as picture:
        assert (picture.format, picture.size) == ("JPEG", (200, 148))
    screenshot(driver, "photo")


def test_a_transparent_png_stays_transparent(server, browser, tmp_path, screenshot):
    pixels = np.zeros((48, 64, 4), np.uint8)
    pixels[:, :, 0] = 200
    pixels[8:40, 16:48, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "logo.png")
    driver = browser()
    upscale(driver, server, tmp_path / "logo.png")
    push(driver, "Download")
    with Image.open(downloaded(driver, "logo-4x.png")) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (256, 192))
        alpha = np.asarray(picture.getchannel("A")).astype(int)
        small = np.asarray(picture.resize((64, 48), Image.Resampling.BOX).getchannel("A"))
    assert alpha[:8].max() < 8
    assert alpha[96, 128] > 247
    assert np.abs(small.astype(int) - pixels[:, :, 3]).max() < 64
    screenshot(driver, "transparent")


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        ("IMG_0001.HEIC", heic.FILES["turned"], "32 × 48"),
        ("saved.jfif", saved(gradient(30, 20), "JPEG"), "30 × 20"),
    ],
)
def test_what_the_shell_takes_the_page_takes(server, browser, tmp_path, name, data, size):
    (tmp_path / name).write_bytes(data)
    driver = browser()
    driver.get(server)
    upload(driver, tmp_path / name)
    says(driver, f"{name}, {size} pixels")


def test_a_rotated_photo_of_a_phone_comes_back_upright(server, browser, tmp_path, screenshot):
    upright = gradient(36, 48)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    exif[0x010F] = "Phone"
    path = tmp_path / "phone.jpg"
    upright.transpose(Image.Transpose.ROTATE_90).save(path, quality=95, exif=exif)
    driver = browser(390, 844)
    upscale(driver, server, path)
    screenshot(driver, "rotated")
    push(driver, "Download")
    with Image.open(downloaded(driver, "phone-4x.jpg")) as picture:
        assert picture.size == (144, 192)
        assert not picture.getexif()
        small = np.asarray(picture.convert("RGB").resize(upright.size, Image.Resampling.BOX))
    assert np.abs(small.astype(int) - np.asarray(upright)).mean() < 8  # levels


def test_a_noisy_picture_is_told_of_and_denoised_on_request(server, browser, tmp_path, screenshot):
    Image.fromarray(noisy(64, 48)).save(tmp_path / "noisy.png")
    driver = browser()
    upscale(driver, server, tmp_path / "noisy.png")
    says(driver, words.noisy(1, 1))
    screenshot(driver, "noisy")
    push(driver, "Denoise")
    until(driver, lambda driver: words.noisy(1, 1) not in text(driver))
    button(driver, "Download")
    assert "denoise=1" in driver.current_url
    assert words.noisy(1, 1) not in text(driver)


def test_a_refused_file_gets_a_sentence(server, browser, tmp_path, screenshot):
    path = tmp_path / "letter.png"
    path.write_text("Dear Sir or Madam,")
    driver = browser()
    driver.get(server)
    upload(driver, path)
    says(driver, "not a picture")
    assert "Traceback" not in text(driver)
    screenshot(driver, "refused")


def test_the_models_side_by_side_on_one_detail(server, browser, screenshot):
    driver = browser()
    open_sample(driver, server)
    compare(driver)
    screenshot(driver, "detail")


def foreign_addresses(driver, server):
    """What the page has asked for elsewhere: it has to work without a network."""
    script = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    asked = driver.execute_script(script)
    assert asked
    return [address for address in asked if not address.startswith((server, "data:", "blob:"))]


def test_stop_stops(server, browser, tmp_path):
    path = tmp_path / "large.png"
    gradient(1200, 900).save(path)
    driver = browser()
    driver.get(server)
    upload(driver, path)
    push(driver, "Upscale")
    push(driver, "Stop")
    says(driver, "Stopped.")
    assert button(driver, "Upscale")


@pytest.mark.parametrize(
    ("name", "width", "dark"), [("light", 1280, False), ("dark", 1280, True), ("phone", 390, False)]
)
def test_every_state_fits_the_screen(server, browser, screenshot, name, width, dark):
    driver = browser(width, 844, dark)
    driver.get(server)
    button(driver, "sample picture")
    screenshot(driver, f"{name}-1-empty")
    assert foreign_addresses(driver, server) == []
    open_sample(driver, server)
    screenshot(driver, f"{name}-2-chosen")
    assert sideways(driver) == 0
    push(driver, "Upscale")
    button(driver, "Download")
    assert stage(driver).size["width"] <= width
    screenshot(driver, f"{name}-3-slider")
    assert sideways(driver) == 0
    push(driver, "Side by side")
    until(driver, lambda driver: len(find(driver, "[data-testid=stImage] img")) == 2)
    screenshot(driver, f"{name}-4-side-by-side")
    assert sideways(driver) == 0
