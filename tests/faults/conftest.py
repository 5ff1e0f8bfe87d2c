"""The API over a real socket, with an upscaler that only enlarges and waits for the test."""

from typing import Any

import pytest

import srgan.web.api
from srgan.web.jobs import JobQueue
from srgan.web.service import Service
from tests.fakes import FakeUpscaler
from tests.serving import app_served


@pytest.fixture
def service():
    upscaler: Any = FakeUpscaler()
    service = Service(upscaler, JobQueue(workers=1, capacity=3))
    yield service
    upscaler.go.set()
    service.queue.close()


@pytest.fixture
def address(service):
    with app_served(srgan.web.api.application(lambda: service)) as port:
        yield f"http://127.0.0.1:{port}"
        service.upscaler.go.set()
