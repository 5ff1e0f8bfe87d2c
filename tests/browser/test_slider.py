"""Before and after, parted by a line: mouse, keys, fingers, zoom."""

import pytest

from tests.browser.page import (
    button,
    gradient,
    press,
    push,
    says,
    settled,
    share,
    stage,
    until,
    upload,
    upscale,
    upscale_sample,
)

pytestmark = pytest.mark.browser


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


# Whole pictures before, which the slider loads beside the page, wait until they are let through.
HOLD_BACK = """
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
    const held = (window.held = []);
    Object.defineProperty(HTMLImageElement.prototype, "src", {
        get,
        set(address) {
            if (this.isConnected || !/pixels.[^/]+$/.test(address)) return set.call(this, address);
            held.push((then) => {
                this.addEventListener("load", () => then());
                set.call(this, address);
            });
        },
    });
"""
LET_THROUGH = "window.held.pop()(arguments[0])"
HELD = "return window.held.length"


def before(driver):
    """The address of the picture before."""
    script = "return arguments[0].querySelector('.before img').src"
    return driver.execute_script(script, stage(driver))


def look_at(driver, name, width):
    """Choose one of several pictures, which is 40 pixels high, and wait for its preview."""
    from selenium.webdriver import Keys

    last = before(driver)
    press(driver, "input[aria-label='Look at']", name, Keys.ENTER)
    says(driver, f"{width} × 40 pixels became")
    until(driver, lambda driver: before(driver) != last)
    assert before(driver).startswith("data:")


def test_no_other_picture_is_shown_before_than_the_one_chosen(server, browser, tmp_path):
    for name, width in (("one.png", 60), ("two.png", 50)):
        gradient(width, 40).save(tmp_path / name)
    driver = browser()
    driver.get(server)
    upload(driver, tmp_path / "one.png", tmp_path / "two.png")
    push(driver, "Upscale")
    button(driver, "Download all as ZIP")
    stage(driver)
    driver.execute_script(HOLD_BACK)
    zoom(driver, "100%")
    assert driver.execute_script(HELD) == 1
    look_at(driver, "two.png", 50)
    driver.execute_async_script(LET_THROUGH)
    assert before(driver).startswith("data:"), "the first picture came too late"
    look_at(driver, "one.png", 60)
    zoom(driver, "100%")
    assert driver.execute_script(HELD) == 1, "it is loaded in full again"
    driver.execute_async_script(LET_THROUGH)
    assert "/pixels/" in before(driver)


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


def test_looking_and_choosing_a_file_never_run_a_network(noise_server, runs, browser, photo):
    from selenium.webdriver import ActionChains, Keys

    driver = browser()
    upscale(driver, noise_server, photo)
    before = runs()
    assert before > 0
    mouse = ActionChains(driver).move_to_element(stage(driver)).click_and_hold()
    mouse.move_by_offset(-90, 0).release().perform()
    assert share(driver) < 50
    zoom(driver, "400%")
    tiles(driver)
    press(driver, "input[aria-label=Quality]", Keys.ARROW_LEFT * 5)
    until(driver, lambda driver: "quality=85" in driver.current_url)
    press(driver, "input[aria-label=Format]", "WebP", Keys.ENTER)
    until(driver, lambda driver: "format=WebP" in driver.current_url)
    push(driver, "Side by side")
    until(driver, lambda driver: "view=Side" in driver.current_url)
    settled(driver)
    assert runs() == before
