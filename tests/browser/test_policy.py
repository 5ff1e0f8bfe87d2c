"""The page works under its content security policy."""

import pytest

from tests.browser.page import button, find, gradient, push, until, upload

pytestmark = pytest.mark.browser


def test_nothing_on_the_page_breaks_the_policy(server, browser, tmp_path):
    photo = tmp_path / "photo.png"
    gradient(50, 37).save(photo)
    driver = browser()
    driver.get(server)
    upload(driver, photo)
    push(driver, "Upscale")
    until(driver, lambda driver: button(driver, "Download"))
    until(driver, lambda driver: find(driver, "[role=slider], input[type=range], img"))
    said = [entry["message"] for entry in driver.get_log("browser")]
    assert not [line for line in said if "Content Security Policy" in line or "violates" in line]
    driver.execute_script(
        "const script = document.createElement('script');"
        "script.textContent = 'window.injected = true';"
        "document.body.append(script)"
    )
    assert driver.execute_script("return window.injected") is None
    said = [entry["message"] for entry in driver.get_log("browser")]
    assert any("Content Security Policy" in line for line in said)
