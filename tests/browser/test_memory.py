"""What the server keeps when its visitors are gone: nothing that adds up."""

import os
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.page import upscale
from tests.photos import photograph
from tests.serving import free_port, started, wait_until_healthy

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(3600)]

FEW, MANY = 3, 30  # upscales


def family(pid):
    """A process and all that it has started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(child)


def megabytes(pid):
    """What a process and its children keep in memory, what they share counted once."""
    kilobytes = 0
    for member in family(pid):
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000


def test_memory_does_not_grow_with_the_number_of_visitors(browser, tmp_path, tmp_path_factory):
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this system does not tell how much memory a process keeps")
    if os.geteuid() != 0:
        pytest.skip("the server's memory is shut to others of its user: run this as root")
    port = free_port()
    command = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port", str(port)]
    kept = []
    with started(command, tmp_path_factory) as server:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, server.process, server.log)
        driver = browser()
        for visitor in range(MANY):
            pixels = photograph(400, 300)
            pixels[0, 0] = visitor  # so that no two are the same
            path = tmp_path / f"{visitor}.png"
            Image.fromarray(pixels).save(path)
            upscale(driver, address, path)  # in a session of its own, as every opening of the page
            kept.append(megabytes(server.process.pid))
            print(f"after {visitor + 1} upscales {kept[-1]:.0f} MB")
    assert kept[MANY - 1] < 1.1 * kept[FEW - 1], [round(each) for each in kept]
