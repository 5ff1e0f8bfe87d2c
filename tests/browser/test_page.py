"""The page as a person uses it: a real server, a real browser, real networks."""

import zipfile

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

PATIENCE = 120  # seconds; only ends a hang


def gradient(width, height):
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return Image.fromarray(ramp.astype(np.uint8))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    gradient(50, 37).save(path, quality=90)
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
    """The button that says `label`, once it is there and can be pressed."""

    def enabled(driver):
        found = [b for b in find(driver, "button") if b.text.strip().endswith(label)]
        return found[0] if found and found[0].is_enabled() else None

    return until(driver, enabled)


def text(driver):
    return driver.find_element("tag name", "body").text


def says(driver, what):
    until(driver, lambda driver: what in text(driver))


def upload(driver, path):
    until(driver, lambda driver: find(driver, "input[type=file]"))[0].send_keys(str(path))


def open_sample(driver, server):
    driver.get(server)
    button(driver, "sample picture").click()
    says(driver, "1,024 × 680")


def upscale_sample(driver, server):
    open_sample(driver, server)
    button(driver, "Upscale").click()
    button(driver, "Download")


def stage(driver):
    """The before/after slider, which lives in a shadow root of its own, once it is drawn."""

    def drawn(driver):
        for host in find(driver, "[data-testid=stBidiComponentIsolated]"):
            root = driver.execute_script("return arguments[0].shadowRoot", host)
            if root is not None and root.find_elements("css selector", ".after img[src]"):
                return root.find_element("css selector", ".stage")
        return None

    return until(driver, drawn)


def share(driver):
    """How much of the picture before is shown, in per cent."""
    script = "return parseFloat(getComputedStyle(arguments[0]).getPropertyValue('--at'))"
    return driver.execute_script(script, stage(driver))


def sideways(driver):
    """Pixels by which the page is wider than its window."""
    script = "const e = arguments[0]; return e.scrollWidth - e.clientWidth"
    return max(driver.execute_script(script, e) for e in find(driver, "html, [data-testid=stMain]"))


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


def test_the_slider_follows_the_mouse_and_the_arrow_keys(server, browser):
    from selenium.webdriver import ActionChains, Keys

    driver = browser()
    upscale_sample(driver, server)
    assert share(driver) == 50
    quarter = stage(driver).size["width"] // 4
    mouse = ActionChains(driver).move_to_element(stage(driver)).click_and_hold()
    mouse.move_by_offset(quarter, 0).release().perform()
    assert share(driver) == pytest.approx(75, abs=1)
    ActionChains(driver).move_by_offset(40, 0).send_keys(Keys.ARROW_LEFT * 5).perform()
    assert share(driver) == pytest.approx(70, abs=1)


def corners(driver):
    """Where the planes of both pictures lie within the stage, and how large they are."""
    script = """
        const stage = arguments[0].getBoundingClientRect();
        return [...arguments[0].querySelectorAll(".plane")].map((plane) => {
            const box = plane.getBoundingClientRect();
            return [box.left - stage.left, box.top - stage.top, box.width, box.height];
        });
    """
    return driver.execute_script(script, stage(driver))


def tiles(driver):
    """The natural sizes of the tiles in sight, once all of them are there."""
    script = """
        const tiles = [...arguments[0].querySelectorAll(".tile")];
        if (!tiles.length || !tiles.every((tile) => tile.complete)) return null;
        return tiles.map((tile) => [tile.naturalWidth, tile.naturalHeight]);
    """
    return until(driver, lambda driver: driver.execute_script(script, stage(driver)))


def zoom(driver, label):
    script = """
        for (const button of arguments[0].getRootNode().querySelectorAll("[data-zoom]"))
            if (button.textContent == arguments[1]) button.click();
    """
    driver.execute_script(script, stage(driver), label)


def test_zooming_in_shows_the_pixels_of_the_result_and_moves_both_pictures(
    server, browser, screenshot
):
    from selenium.webdriver import ActionChains, Keys

    driver = browser()
    upscale_sample(driver, server)
    width, height = stage(driver).size["width"], stage(driver).size["height"]
    zoom(driver, "100%")
    assert tiles(driver) == [[1024, 680]]
    middle = [(width - 1024) // 2, (height - 680) // 2, 1024, 680]
    assert corners(driver) == [pytest.approx(middle, abs=1)] * 2
    screenshot(driver, "zoom-100")
    mouse = ActionChains(driver).move_to_element_with_offset(stage(driver), 100, 0)
    mouse.click_and_hold().move_by_offset(50, 20).release().perform()
    moved = [middle[0] + 50, middle[1] + 20, 1024, 680]
    assert corners(driver) == [pytest.approx(moved, abs=1)] * 2
    assert share(driver) == 50
    keys = ActionChains(driver).key_down(Keys.SHIFT).send_keys(Keys.ARROW_UP * 20)
    keys.key_up(Keys.SHIFT).perform()
    moved[1] = 0  # and no further
    assert corners(driver) == [pytest.approx(moved, abs=1)] * 2
    zoom(driver, "400%")
    assert [box[2:] for box in corners(driver)] == [[4096, 2720]] * 2
    screenshot(driver, "zoom-400")
    zoom(driver, "Fit")
    assert corners(driver) == [pytest.approx([0, 0, width, height], abs=1)] * 2


def touch(driver, kind, *points):
    fingers = [{"x": x, "y": y} for x, y in points]
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_a_finger_moves_both_pictures_and_the_line(server, browser, screenshot):
    driver = browser(390, 844)
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    upscale_sample(driver, server)
    zoom(driver, "100%")
    tiles(driver)
    script = "arguments[0].scrollIntoView(); const b = arguments[0].getBoundingClientRect();"
    left, top = driver.execute_script(script + "return [b.left, b.top]", stage(driver))
    (x, y, *_), _ = corners(driver)
    touch(driver, "touchStart", (left + 60, top + 60))
    touch(driver, "touchMove", (left + 90, top + 100))
    touch(driver, "touchEnd")
    assert [box[:2] for box in corners(driver)] == [pytest.approx([x + 30, y + 40], abs=1)] * 2
    width = stage(driver).size["width"]
    touch(driver, "touchStart", (left + width / 2 + 5, top + 60))
    touch(driver, "touchMove", (left + width / 4, top + 60))
    touch(driver, "touchEnd")
    assert share(driver) == pytest.approx(25, abs=1)
    screenshot(driver, "phone-5-zoomed")


def test_the_models_side_by_side_on_one_detail(server, browser, screenshot):
    driver = browser()
    open_sample(driver, server)
    until(driver, lambda driver: find(driver, "[data-testid=stExpander] summary"))[0].click()
    button(driver, "Compare").click()
    until(driver, lambda driver: len(find(driver, "[data-testid=stExpander] img")) >= 4)
    screenshot(driver, "detail")


def test_several_pictures_come_back_as_a_zip(server, browser, tmp_path, screenshot):
    for name, width in (("one.png", 60), ("two.jpg", 50)):
        gradient(width, 40).save(tmp_path / name)
    (tmp_path / "letter.png").write_text("Dear Sir or Madam,")
    driver = browser()
    driver.get(server)
    names = ("one.png", "letter.png", "two.jpg")
    upload(driver, "\n".join(str(tmp_path / name) for name in names))
    says(driver, "2 pictures")
    screenshot(driver, "several-1-chosen")
    button(driver, "Upscale").click()
    says(driver, "two.jpg: done")
    link = until(driver, lambda driver: find(driver, "[data-testid=stLinkButton] a"))[0]
    screenshot(driver, "several-2-done")
    link.click()
    target = driver.downloads / "pixel-perfect.zip"
    until(driver, lambda _: target.exists() and zipfile.is_zipfile(target))
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        sizes = {}
        for name in archive.namelist():
            with archive.open(name) as file, Image.open(file) as picture:
                sizes[name] = picture.size
    assert sizes == {"one-4x.png": (240, 160), "two-4x.jpg": (200, 160)}


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
