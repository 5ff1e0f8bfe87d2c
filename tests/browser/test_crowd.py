"""More than one tab, tabs that close, and lines that break."""

import pytest
from PIL import Image

from tests.browser.page import (
    button,
    downloaded,
    gradient,
    push,
    says,
    stage,
    text,
    until,
    upload,
    upscale,
)
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser


def new_tab(driver, address):
    driver.switch_to.new_window("tab")
    driver.get(address)
    return driver.current_window_handle


def test_two_tabs_at_once_each_get_their_own_result(server, browser, tmp_path):
    widths = {"narrow": 40, "wide": 60}
    driver, tabs = browser(), {}
    for name, width in widths.items():
        gradient(width, 30).save(tmp_path / f"{name}.png")
        tabs[name] = new_tab(driver, server)
        upload(driver, tmp_path / f"{name}.png")
        push(driver, "Upscale")
    for name, width in widths.items():
        driver.switch_to.window(tabs[name])
        push(driver, "Download")
        with Image.open(downloaded(driver, f"{name}-4x.png")) as picture:
            assert picture.size == (4 * width, 120)


def test_the_next_in_line_sees_the_place_and_gets_that_of_a_closed_tab(
    slow_server, browser, photo, screenshot
):
    driver = browser()
    first, second = new_tab(driver, slow_server), new_tab(driver, slow_server)
    for tab in (first, second):
        driver.switch_to.window(tab)
        upload(driver, photo)
        push(driver, "Upscale")
        button(driver, "Stop")
    says(driver, "next in line")
    screenshot(driver, "next-in-line")
    driver.switch_to.window(first)
    says(driver, "tiles done")
    driver.close()
    driver.switch_to.window(second)
    says(driver, "tiles done")
    assert "next in line" not in text(driver)


def test_a_stop_gives_the_place_to_the_next(slow_server, browser, photo):
    driver = browser()
    first, second = new_tab(driver, slow_server), new_tab(driver, slow_server)
    for tab in (first, second):
        driver.switch_to.window(tab)
        upload(driver, photo)
        push(driver, "Upscale")
        button(driver, "Stop")
    says(driver, "next in line")
    driver.switch_to.window(first)
    push(driver, "Stop")
    says(driver, "Stopped.")
    driver.switch_to.window(second)
    says(driver, "tiles done")


def test_a_result_survives_a_broken_line(noise_server, runs, browser, photo):
    with Wire(int(noise_server.rpartition(":")[2])).open() as wire:
        driver = browser()
        upscale(driver, f"http://127.0.0.1:{wire.port}", photo)
        stage(driver)  # Streamlit does not ask again for a script whose transfer broke off
        before = runs()
        wire.cut()
        until(driver, lambda driver: driver.execute_script(DISCONNECTED))
        wire.mend()
        until(driver, lambda driver: not driver.execute_script(DISCONNECTED))
        stage(driver)
        push(driver, "Download")
        assert downloaded(driver, "photo-4x.jpg").stat().st_size > 0
        assert runs() == before


DISCONNECTED = """
    const app = document.querySelector("[data-testid=stApp]");
    return app.dataset.testConnectionState !== "CONNECTED";
"""
