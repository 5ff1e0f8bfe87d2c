import io
import threading

import numpy as np
import pytest
from PIL import Image

from srgan.limits import Limits
from srgan.upscaler import Options, Upscaler
from srgan.web import service as module
from srgan.web.jobs import JobQueue, QueueFull
from srgan.web.service import Service


def test_warming_up_measures_every_model_with_and_without_cleaning_and_counts_as_no_run():
    service = Service(Upscaler(), JobQueue())
    size, models = (100, 100), service.upscaler.zoo.models()
    all_options = [Options(model=model, denoise=d) for model in models for d in (0, 0.5)]
    assert [service.estimate(size, 1, options) for options in all_options] == [None] * len(
        all_options
    )
    service.warm_up()
    assert all(service.estimate(size, 1, options) for options in all_options)
    assert service.estimate(size, 1, Options()) == service.estimate(
        size, 1, Options(model=service.upscaler.zoo.default)
    )
    assert service.runs == 0


def estimate(service, size, layers):
    seconds = service.estimate(size, layers, Options())
    assert seconds is not None
    return seconds


def test_a_picture_with_transparency_takes_twice_the_work_and_overlaps_count():
    service = Service(Upscaler(), JobQueue())
    out = io.BytesIO()
    Image.fromarray(np.arange(243, dtype=np.uint8).reshape(9, 9, 3)).save(out, "PNG")
    job = service.upscale(out.getvalue(), Options())
    assert job.wait(60)
    job.result()
    small = estimate(service, (100, 100), 1)
    assert estimate(service, (100, 100), 2) == 2 * small
    assert estimate(service, (1000, 1000), 1) > 100 * small
    assert service.runs == 1


def test_a_drawing_which_no_network_sees_tells_nothing_of_the_next_picture():
    service = Service(Upscaler(), JobQueue())
    out = io.BytesIO()
    Image.fromarray(np.eye(9, dtype=np.uint8)).save(out, "PNG")
    job = service.upscale(out.getvalue(), Options())
    assert job.wait(60)
    job.result()
    assert service.estimate((100, 100), 1, Options()) is None


def test_the_line_is_as_long_as_the_limits_say(monkeypatch):
    monkeypatch.setattr(module, "limits", lambda: Limits(max_running=3, max_waiting=5))
    service = module.service.__wrapped__()
    try:
        assert (service.queue.workers, service.queue.capacity) == (3, 5)
    finally:
        service.close()


def test_closing_cancels_everything_before_it_ends_what_the_networks_work_in():
    queue = JobQueue()
    closed = []
    service = Service(Upscaler(), queue, lambda: closed.append(queue.closed))
    service.close()
    assert closed == [True]


def test_programs_leave_a_quarter_of_the_line_to_people():
    free = threading.Event()
    queue = JobQueue(workers=1, capacity=8)
    service = Service(Upscaler(), queue)
    queue.submit(lambda *_: free.wait(60))  # is at work at once: the line is empty
    try:
        for _ in range(6):
            service.check_for_room()
            service.submit(b"", Options(), lambda *_: None)
        with pytest.raises(QueueFull):
            service.check_for_room()
        with pytest.raises(QueueFull):
            service.submit(b"", Options(), lambda *_: None)
        for _ in range(2):
            service.upscale(b"", Options())
        with pytest.raises(QueueFull):
            service.upscale(b"", Options())
    finally:
        service.close()
        free.set()
