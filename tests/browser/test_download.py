"""Results larger than some hosts let through in one piece."""

from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from srgan import imaging
from tests.browser.noise_server import noise
from tests.browser.page import button, click, downloaded, upscale

pytestmark = pytest.mark.browser

MIB = 1024 * 1024


def test_a_result_above_40_mib_arrives_in_chunks_and_whole(noise_server, browser, tmp_path):
    photo = tmp_path / "photo.png"
    Image.fromarray(np.zeros((1000, 1000, 3), np.uint8)).save(photo)
    driver = browser()
    upscale(driver, noise_server, photo)
    link = button(driver, "Download")
    with urlopen(link.get_attribute("href")) as answer:
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-length"] is None
        assert answer.headers["transfer-encoding"] == "chunked"
    click(driver, lambda driver: link)
    target = downloaded(driver, "photo-4x.png")
    kept = imaging.encode(noise((4000, 4000)), "PNG")
    assert len(kept) > 40 * MIB
    assert target.read_bytes() == kept
