"""Several pictures at a time."""

import zipfile

import pytest
from PIL import Image

from tests.browser.page import button, click, downloaded, gradient, push, says, text, upload

pytestmark = pytest.mark.browser


def test_several_pictures_come_back_as_a_zip(server, browser, tmp_path, screenshot):
    for name, width in (("one.png", 60), ("two.jpg", 50)):
        gradient(width, 40).save(tmp_path / name)
    (tmp_path / "letter.png").write_text("Dear Sir or Madam,")
    driver = browser()
    driver.get(server)
    names = ("one.png", "letter.png", "two.jpg")
    upload(driver, *(tmp_path / name for name in names))
    says(driver, "2 pictures")
    screenshot(driver, "several-1-chosen")
    push(driver, "Upscale")
    says(driver, "two.jpg: done")
    link = button(driver, "Download all as ZIP")
    screenshot(driver, "several-2-done")
    click(driver, lambda driver: link)
    with zipfile.ZipFile(downloaded(driver, "pixel-perfect.zip")) as archive:
        assert archive.testzip() is None
        sizes = {}
        for name in archive.namelist():
            with archive.open(name) as file, Image.open(file) as picture:
                sizes[name] = picture.size
    assert sizes == {"one-4x.png": (240, 160), "two-4x.jpg": (200, 160)}


def test_what_is_done_can_be_had_while_the_rest_is_worked_on(server, browser, tmp_path):
    gradient(60, 40).save(tmp_path / "one.png")
    gradient(1200, 900).save(tmp_path / "large.png")
    driver = browser()
    driver.get(server)
    upload(driver, tmp_path / "one.png", tmp_path / "large.png")
    push(driver, "Upscale")
    push(driver, "Download this one")
    assert "large.png: done" not in text(driver)
    with Image.open(downloaded(driver, "one-4x.png")) as picture:
        assert picture.size == (240, 160)
    push(driver, "Stop")
    says(driver, "large.png: ready")
