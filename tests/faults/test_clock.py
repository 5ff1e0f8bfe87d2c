"""The clock on the wall may jump; nobody is taken for gone or too late because of it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes import SOON
from tests.faults.test_clients import picture
from tests.load.visitor import ask

DAY = 86_400


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_jump_while_pictures_wait_and_work(address, service, monkeypatch, jump):
    service.queue.patience = 60.0
    service.upscaler.go.clear()
    with ThreadPoolExecutor() as clients:
        asked = [clients.submit(ask, address, "POST", "/upscale", picture()) for _ in range(3)]
        assert service.upscaler.first_tile.wait(SOON)
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + jump)
        service.upscaler.go.set()
        assert [answer.result().status for answer in asked] == [200] * 3
