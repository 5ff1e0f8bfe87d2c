"""In one process, the next picture is read and the last one written while the networks run."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from srgan.commands import _one_by_one
from srgan.commands._plan import Job
from srgan.commands._tasks import Task, Told
from srgan.commands._work import Work
from srgan.commands.upscale import _workers_for
from srgan.errors import BrokenPicture, CannotWrite
from srgan.upscaler import Options

SOON = 30  # seconds; only ends a hang
WORK = Work(Options(), None, "settings")


class Steps:
    """In place of the three steps: notes them, and does what a test says at one of them."""

    def __init__(self, monkeypatch):
        self.noted, self.at = [], {}
        monkeypatch.setattr(
            _one_by_one,
            "Upscaler",
            lambda: SimpleNamespace(zoo=SimpleNamespace(default="it"), load=lambda name: None),
        )
        monkeypatch.setattr(_one_by_one, "open_picture", lambda task, *_: self.do("read", task.job))
        monkeypatch.setattr(_one_by_one, "enlarge", lambda job, *_: self.do("enlarge", job))
        monkeypatch.setattr(_one_by_one, "put", lambda _, job, __: self.do("put", job))

    def do(self, step, job):
        self.noted.append((step, job.name))
        self.at.get((step, job.name), lambda: None)()
        self.noted.append((f"{step} ends", job.name))
        return job

    def run(self, count, memory):
        told: list[Told] = []
        tasks = [Task(n, Job(Path(str(n)), None, None, False), 10) for n in range(count)]
        try:
            _one_by_one.one_by_one(tasks, WORK, memory, told.append)
        finally:
            self.ends = [(it.task.number, it.error) for it in told if it.made or it.error]
        return self.ends


@pytest.fixture
def steps(monkeypatch):
    return Steps(monkeypatch)


def test_reading_and_writing_go_on_beside_the_networks(steps):
    written, was_read = threading.Event(), threading.Event()
    steps.at["put", "0"] = written.set
    steps.at["read", "2"] = was_read.set

    def both():
        assert written.wait(SOON)
        assert was_read.wait(SOON)

    steps.at["enlarge", "1"] = both
    assert steps.run(3, 20) == [(0, None), (1, None), (2, None)]


def test_where_memory_is_short_one_picture_is_done_before_the_next_is_read(steps):
    steps.run(3, 19)
    order = ["read", "enlarge", "put"]
    assert [it for it in steps.noted if "ends" not in it[0]] == [
        (step, str(number)) for number in range(3) for step in order
    ]
    assert steps.noted.index(("put ends", "0")) < steps.noted.index(("read", "1"))


@pytest.mark.parametrize("step", ["read", "enlarge", "put"])
def test_what_fails_is_told_in_its_turn_and_the_others_go_on(steps, step):
    error = CannotWrite("No.") if step == "put" else BrokenPicture("No.")

    def fail():
        raise error

    steps.at[step, "1"] = fail
    assert steps.run(3, 100) == [(0, None), (1, error), (2, None)]


def test_after_ctrl_c_what_was_written_is_told(steps):
    begun, goes_on = threading.Event(), threading.Event()

    def write():
        begun.set()
        assert goes_on.wait(SOON)

    def interrupt():
        assert begun.wait(SOON)
        goes_on.set()
        raise KeyboardInterrupt

    steps.at["put", "0"], steps.at["enlarge", "1"] = write, interrupt
    with pytest.raises(KeyboardInterrupt):
        steps.run(3, 100)
    assert steps.ends == [(0, None)]


@pytest.mark.parametrize(
    ("pictures", "cores", "workers"), [(1, 2, 0), (9, 2, 0), (20, 2, 2), (5, 16, 4), (1000, 16, 16)]
)
def test_a_process_for_each_core_where_there_is_enough_to_do(pictures, cores, workers):
    assert _workers_for(pictures, cores) == workers
