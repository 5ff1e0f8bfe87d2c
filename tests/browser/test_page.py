"""The page as a person uses it: a real server, a real browser, real networks."""

import pytest
from PIL import Image

from tests.browser.page import (
    button,
    find,
    gradient,
    open_sample,
    says,
    sideways,
    stage,
    text,
    until,
    upload,
)

pytestmark = pytest.mark.browser


def test_a_photo_comes_back_four_times_as_wide_and_high(server, browser, photo, screenshot):
    driver = browser()
    driver.get(server)
    upload(driver, photo)
    says(driver, "200 × 148")
    button(driver, "Upscale").click()
    button(driver, "Download").click()
    target = driver.downloads / "photo-4x.jpg"
    until(driver, lambda _: target.exists())
    with Image.open(target) as picture:
        assert (picture.format, picture.size) == ("JPEG", (200, 148))
    screenshot(driver, "photo")


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
    until(driver, lambda driver: find(driver, "[data-testid=stExpander] summary"))[0].click()
    button(driver, "Compare").click()
    until(driver, lambda driver: len(find(driver, "[data-testid=stExpander] img")) >= 4)
    screenshot(driver, "detail")


def test_stop_stops(server, browser, tmp_path):
    path = tmp_path / "large.png"
    gradient(1200, 900).save(path)
    driver = browser()
    driver.get(f"{server}?model=Faithful")
    upload(driver, path)
    button(driver, "Upscale").click()
    button(driver, "Stop").click()
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
    open_sample(driver, server)
    screenshot(driver, f"{name}-2-chosen")
    assert sideways(driver) == 0
    button(driver, "Upscale").click()
    button(driver, "Download")
    assert stage(driver).size["width"] <= width
    screenshot(driver, f"{name}-3-slider")
    assert sideways(driver) == 0
    button(driver, "Side by side").click()
    until(driver, lambda driver: len(find(driver, "[data-testid=stImage] img")) == 2)
    screenshot(driver, f"{name}-4-side-by-side")
    assert sideways(driver) == 0
