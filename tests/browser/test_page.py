"""The page as a person uses it: a real server, a real browser, real networks."""

import io
import time
from functools import partial

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

PATIENCE = 120  # seconds; only ends a hang


def png(width, height):
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    out = io.BytesIO()
    Image.fromarray(ramp.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.open(io.BytesIO(png(50, 37))).save(path, quality=90)
    return path


def find(driver, css):
    return driver.find_elements("css selector", css)


def until(driver, what):
    """Wait for `what(driver)` to be true, and give it back."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    ignored = [StaleElementReferenceException]
    return WebDriverWait(driver, PATIENCE, 0.1, ignored).until(what)


def button(driver, label):
    def enabled(driver):
        found = [b for b in find(driver, "button") if b.text.strip().endswith(label)]
        return found[0] if found and found[0].is_enabled() else None

    return until(driver, enabled)


def says(driver, text):
    until(driver, lambda d: text in d.find_element("tag name", "body").text)


def upload(driver, path):
    until(driver, lambda d: find(d, "input[type=file]"))[0].send_keys(str(path))


def download(driver):
    button(driver, "Download").click()
    whole = until(driver, lambda d: [p for p in d.downloads.iterdir() if p.suffix != ".crdownload"])
    return whole[0]


def sideways(driver):
    """Pixels by which the page is wider than its window."""
    return driver.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_a_photo_comes_back_four_times_as_wide_and_high(server, browser, photo, screenshot):
    driver = browser()
    driver.get(server)
    upload(driver, photo)
    says(driver, "200 × 148")
    screenshot(driver, "uploaded")
    button(driver, "Upscale").click()
    arrived = download(driver)
    assert arrived.name == "photo-4x.jpg"
    with Image.open(arrived) as picture:
        assert (picture.format, picture.size) == ("JPEG", (200, 148))
