import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image

from srgan.errors import BrokenPicture
from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web.batch import Batch, unlike
from srgan.web.jobs import JobQueue
from srgan.web.service import Service
from tests.fakes import SOON, FakeUpscaler

OPTIONS = Options()


@dataclass
class Dropped:
    name: str
    data: bytes

    @property
    def file_id(self):
        return f"id of {self.name}"

    def getvalue(self):
        return self.data


def dropped(name="a.png", size=(6, 4)):
    out = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), 7, np.uint8)).save(out, "PNG")
    return Dropped(name, out.getvalue())


@pytest.fixture
def service():
    upscaler: Any = FakeUpscaler()
    service = Service(upscaler, JobQueue(workers=1, capacity=5))
    yield service
    upscaler.go.set()
    service.queue.close()


def batch_of(*uploads):
    batch = Batch()
    batch.hold(uploads, Limits())
    return batch


def finish(batch, service):
    while batch.busy:
        batch.advance(service)
        for item in batch.items.values():
            assert item.job is None or item.job.wait(SOON)


def test_all_are_upscaled_and_one_that_cannot_be_read_stops_no_other(service):
    batch = batch_of(dropped("a.png"), Dropped("b.png", b"no picture"), dropped("c.png"))
    batch.start(OPTIONS)
    finish(batch, service)
    first, second, third = batch.items.values()
    assert batch.done(OPTIONS) == [first.made, third.made]
    assert first.made.result.size == (24, 16)
    assert "not a picture" in str(second.problem)
    assert service.runs == 2


def test_one_whose_work_fails_stops_no_other_and_is_not_tried_again_and_again(service):
    batch = batch_of(dropped("a.png"), dropped("b.png"))
    service.upscaler.error = BrokenPicture("It ends too early.")
    batch.start(OPTIONS)
    finish(batch, service)
    assert [str(item.problem) for item in batch.items.values()] == ["It ends too early."] * 2
    assert (batch.left(OPTIONS), batch.done(OPTIONS)) == ([], [])
    service.upscaler.error = None
    batch.start(Options(scale=2))
    finish(batch, service)
    assert len(batch.done(Options(scale=2))) == 2


def test_a_batch_leaves_room_for_other_visitors(service):
    service.upscaler.go.clear()
    batch = batch_of(*(dropped(f"{i}.png") for i in range(5)))
    batch.start(OPTIONS)
    for _ in range(3):
        batch.advance(service)
    assert [item.job is not None for item in batch.items.values()] == [True] * 2 + [False] * 3


def test_a_full_line_only_delays(service):
    service.queue.capacity = 0
    batch = batch_of(dropped())
    batch.start(OPTIONS)
    batch.advance(service)
    assert batch.working
    service.queue.capacity = 5
    finish(batch, service)
    assert len(batch.done(OPTIONS)) == 1


def test_stopping_keeps_what_is_done_and_going_on_does_the_rest(service):
    batch = batch_of(dropped("a.png"), dropped("b.png"))
    batch.start(OPTIONS)
    batch.advance(service)
    first, second = batch.items.values()
    assert first.job is not None
    assert first.job.wait(SOON)
    service.upscaler.go.clear()
    batch.stop()
    service.upscaler.go.set()
    finish(batch, service)
    assert first.made in batch.done(OPTIONS)
    runs = service.runs
    batch.start(OPTIONS)
    finish(batch, service)
    assert batch.done(OPTIONS) == [first.made, second.made]
    assert service.runs <= runs + 1


@pytest.mark.parametrize("error", [None, BrokenPicture("It ends too early.")])
def test_a_result_stays_until_there_is_another(service, error):
    batch = batch_of(dropped())
    batch.start(OPTIONS)
    finish(batch, service)
    service.upscaler.go.clear()
    service.upscaler.error = error
    batch.start(Options(scale=2))
    batch.advance(service)
    if error is None:
        batch.stop()
    service.upscaler.go.set()
    finish(batch, service)
    assert [made.result.size for made in batch.done(OPTIONS)] == [(24, 16)]
    assert batch.left(OPTIONS) == batch.done(Options(scale=2)) == []


def test_adding_and_taking_away_leaves_the_others_alone(service):
    a, b, c = (dropped(f"{name}.png") for name in "abc")
    batch = batch_of(a, b)
    batch.start(OPTIONS)
    finish(batch, service)
    batch.hold([b, c], Limits())
    assert [item.name for item in batch.items.values()] == ["b.png", "c.png"]
    assert [made.source.name for made in batch.done(OPTIONS)] == ["b.png"]
    assert [item.name for item in batch.left(OPTIONS)] == ["c.png"]


def test_one_that_is_taken_away_gives_its_place_back(service):
    service.upscaler.go.clear()
    batch = batch_of(dropped("a.png"), dropped("b.png"))
    batch.start(OPTIONS)
    batch.advance(service)
    _, second = batch.items.values()
    job = second.job
    assert job is not None
    batch.hold([dropped("a.png")], Limits())
    assert (job.state, len(batch.items)) == ("cancelled", 1)


def test_no_two_names_are_alike():
    names = ["a.png", "b.png", "A.png", "a.png", "a (2).png", "c"]
    assert unlike(names) == ["a.png", "b.png", "A (2).png", "a (3).png", "a (2) (2).png", "c"]
    assert len({name.lower() for name in unlike(names)}) == len(names)
