"""Results larger than some hosts let through in one piece."""

import json

import numpy as np
import pytest
from PIL import Image

from srgan import imaging
from tests.browser.noise_server import noise
from tests.browser.page import button, downloaded, upscale

pytestmark = pytest.mark.browser

MIB = 1024 * 1024


def headers_of_downloads(driver):
    """The headers that came with each attachment, their names in small letters."""
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.responseReceived":
            headers = message["params"]["response"]["headers"]
            headers = {name.lower(): value for name, value in headers.items()}
            if headers.get("content-disposition", "").startswith("attachment"):
                yield headers


def test_a_result_above_40_mib_arrives_in_chunks_and_whole(noise_server, browser, tmp_path):
    photo = tmp_path / "photo.png"
    Image.fromarray(np.zeros((1000, 1000, 3), np.uint8)).save(photo)
    driver = browser()
    upscale(driver, noise_server, photo)
    button(driver, "Download").click()
    target = downloaded(driver, "photo-4x.png")
    kept = imaging.encode(noise((4000, 4000)), "PNG")
    assert len(kept) > 40 * MIB
    assert target.read_bytes() == kept
    (headers,) = headers_of_downloads(driver)
    assert "content-length" not in headers
    assert headers["transfer-encoding"] == "chunked"
