"""What axe, the checker of the W3C's accessibility rules, says about the page."""

import pytest

from tests.browser.page import button, compare, push, says, settled, stage, upload

pytestmark = pytest.mark.browser

RUN = """
    const [options, done] = arguments;
    axe.run(document, options).then((found) => done(found.violations));
"""
FAULTS = ("serious", "critical")


@pytest.fixture
def faults():
    """The serious faults of what a browser shows, as sentences that say where they are."""
    axe = pytest.importorskip("axe_core_python.base", reason="axe-core-python is not installed")

    def check(driver):
        settled(driver)
        driver.execute_script(axe.AXE_SCRIPT)
        found = driver.execute_async_script(RUN, {"resultTypes": ["violations"]})
        return [
            f"{fault['id']}: {node['html']}: {node['failureSummary']}"
            for fault in found
            if fault["impact"] in FAULTS
            for node in fault["nodes"]
        ]

    return check


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_no_serious_fault(server, browser, photo, tmp_path, faults, width, dark):
    driver = browser(width, 900, dark)
    driver.get(server)
    button(driver, "sample picture")
    assert faults(driver) == []
    upload(driver, photo)
    says(driver, "200 × 148")
    assert faults(driver) == []
    push(driver, "Upscale")
    button(driver, "Download")
    stage(driver)
    assert faults(driver) == []
    letter = tmp_path / "letter.png"
    letter.write_text("Dear Sir or Madam,")
    upload(driver, letter)
    says(driver, "not a picture")
    assert faults(driver) == []
    push(driver, "Upscale")
    button(driver, "Download this one")
    stage(driver)
    assert faults(driver) == []


def test_no_serious_fault_in_a_comparison(server, browser, photo, faults):
    driver = browser()
    driver.get(server)
    upload(driver, photo)
    compare(driver)
    assert faults(driver) == []


def test_a_fault_would_be_found(server, browser, faults):
    driver = browser()
    driver.get(server)
    button(driver, "sample picture")
    driver.execute_script("document.querySelector('img').removeAttribute('alt')")
    assert any("image-alt" in fault for fault in faults(driver))
