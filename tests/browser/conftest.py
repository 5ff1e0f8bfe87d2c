"""The real server and a real Chromium; every browser test is skipped where there is none."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser.page import gradient, settled
from tests.serving import free_port, page_served, serving

SCREENSHOTS = Path(__file__).parent / "screenshots"


def first_on_path(*names):
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    """The paths of Chromium and of its driver."""
    pytest.importorskip("selenium", reason="selenium is not installed")
    browser = os.environ.get("CHROMIUM") or first_on_path("chromium", "chromium-browser")
    driver = os.environ.get("CHROMEDRIVER") or first_on_path("chromedriver")
    if browser is None or driver is None:
        pytest.skip("Chromium with its driver is not on this machine")
    return browser, driver


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    """The address of the page, served as `make run` serves it."""
    with page_served(tmp_path_factory) as address:
        yield address


def module_served(name, tmp_path_factory, *arguments):
    port = free_port()
    return serving(port, ["-m", f"tests.browser.{name}", str(port), *arguments], tmp_path_factory)


@pytest.fixture
def runs(tmp_path):
    """Tells how often the networks of `noise_server` were set to work."""
    counted = tmp_path / "runs"
    counted.touch()
    return lambda: counted.stat().st_size


@pytest.fixture
def noise_server(chromium, runs, tmp_path, tmp_path_factory, monkeypatch):
    """The address of the page with an upscaler that makes noise; see noise_server.py."""
    monkeypatch.setenv("SRGAN_MAX_DECODE_SECONDS", "600")  # noise is hard on encoders
    with module_served("noise_server", tmp_path_factory, str(tmp_path / "runs")) as address:
        yield address


@pytest.fixture
def slow_server(chromium, tmp_path_factory, monkeypatch):
    """The address of the page with an upscaler that is never done; see slow_server.py."""
    monkeypatch.setenv("SRGAN_MAX_RUNNING", "1")
    with module_served("slow_server", tmp_path_factory) as address:
        yield address


@pytest.fixture
def photo(tmp_path):
    """A small JPEG, of 50 × 37 pixels."""
    path = tmp_path / "photo.jpg"
    gradient(50, 37).save(path, quality=90)
    return path


@pytest.fixture
def browser(chromium, tmp_path):
    """Makes browsers: `browser(width, height, dark)`; downloads go to `driver.downloads`."""
    from selenium import webdriver

    binary, driver_binary = chromium
    drivers: list[Any] = []

    def make(width=1280, height=900, dark=False):
        downloads = tmp_path / f"downloads{len(drivers)}"
        downloads.mkdir()
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        for flag in (
            "headless=new",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "disable-dev-shm-usage",
            f"user-data-dir={tmp_path / f'profile{len(drivers)}'}",
        ):
            options.add_argument(f"--{flag}")
        options.add_experimental_option(
            "prefs",
            {"download.default_directory": str(downloads), "download.prompt_for_download": False},
        )
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        driver: Any = webdriver.Chrome(
            options=options, service=webdriver.ChromeService(driver_binary)
        )
        drivers.append(driver)
        driver.downloads = downloads
        # the window's size includes its frame, and cannot go below 500; this is the page's own
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        return driver

    yield make
    for driver in drivers:
        driver.quit()


HEIGHT = "return document.querySelector('[data-testid=stMain]').scrollHeight"


@pytest.fixture
def screenshot():
    """Writes what a browser shows to tests/browser/screenshots, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def write(driver, name):
        settled(driver)
        width = driver.execute_script("return window.innerWidth")
        height = driver.execute_script(HEIGHT)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    return write
