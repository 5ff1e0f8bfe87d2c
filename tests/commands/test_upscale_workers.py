"""Folders made by several processes, with the real networks: equal results, kills, memory."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from srgan.commands._crew import Crew
from srgan.commands._memory import to_spend
from srgan.commands._plan import plan
from srgan.commands._tasks import Task, Told
from srgan.commands._work import Work
from srgan.errors import WorkerLost
from srgan.upscaler import Options
from tests.photos import noisy, photograph

ROOT = Path(__file__).parents[2]
SOON = 120.0  # seconds; only ends a hang
PLENTY = 10**12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five small pictures, the last two large enough to be caught at work."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(5):
        size = (60 + number, 40) if number < 3 else (300, 200)
        Image.fromarray(photograph(*size)).save(source / f"{number}.png")
    return source


def tasks_of(folder: Path, memory: int = 1) -> list[Task]:
    jobs = plan([str(folder)], str(folder.parent / "out"), None, print, print)
    return [Task(number, job, memory) for number, job in enumerate(jobs)]


def crew(memory: int = PLENTY) -> Crew:
    return Crew(2, 1, memory, Work(Options(), None, "settings"))


def results(folder: Path) -> dict[str, bytes]:
    return {it.name: it.read_bytes() for it in folder.iterdir() if it.suffix == ".png"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "srgan", "upscale", *map(str, arguments)]


def wait_for(happened) -> None:
    until = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_several_workers_make_the_same_files_as_one_process(folder):
    one, two = folder.parent / "one", folder.parent / "two"
    Image.fromarray(noisy(60, 40)).save(folder / "0.png")
    for out, workers in ((one, 1), (two, 2)):
        ended = subprocess.run(
            command(folder, "-o", out, "--workers", workers),
            cwd=ROOT,
            check=True,
            stderr=subprocess.PIPE,
        )
        assert b"1 of 5 pictures has noise or JPEG blocks" in ended.stderr
    assert len(results(one)) == 5
    assert results(one) == results(two)


def test_a_picture_whose_worker_is_killed_is_made_by_another(folder):
    told: list[Told] = []

    def kill_the_first(one: Told) -> None:
        if not told:
            multiprocessing.active_children()[0].kill()
        told.append(one)

    crew().run(tasks_of(folder), kill_the_first)
    assert sum(one.made is not None for one in told) == 5
    assert not any(one.error for one in told)
    assert len(results(folder.parent / "out")) == 5
    assert multiprocessing.active_children() == []


def test_a_picture_that_kills_its_worker_twice_is_given_up_and_the_others_are_made(folder):
    ends: dict[int, Told] = {}
    pids: list[int] = []

    def kill_whoever_takes_the_second(one: Told) -> None:
        if one.made or one.error:
            ends[one.task.number] = one
        elif one.task.number == 1 and one.share == 0:
            pids.append(killed(folder))

    def killed(_: Path) -> int:
        """Of the two workers, the one that is not idle and not on another task, by its number."""
        worker = next(w for w in running._workers if w.task and w.task.number == 1)
        worker.process.kill()
        return worker.process.pid or 0

    running = crew()
    running.run(tasks_of(folder), kill_whoever_takes_the_second)
    assert len(set(pids)) == 2
    assert isinstance(ends[1].error, WorkerLost)
    assert sorted(results(folder.parent / "out")) == ["0.png", "2.png", "3.png", "4.png"]


@pytest.mark.parametrize(("memory", "at_a_time"), [(2, 2), (1, 1), (0, 1)])
def test_no_more_pictures_are_in_work_than_memory_holds(folder, memory, at_a_time):
    running = crew(memory)
    most = 0

    def count(_: Told) -> None:
        nonlocal most
        most = max(most, sum(worker.task is not None for worker in running._workers))

    running.run(tasks_of(folder, memory=1), count)
    assert most <= at_a_time
    assert len(results(folder.parent / "out")) == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_ended_leaves_whole_pictures_and_a_second_completes_it(folder, number, code):
    out, pictures = folder.parent / "out", 30
    for more in range(5, pictures):  # so many that work is left whenever the signal is noticed
        Image.fromarray(photograph(300, 200)).save(folder / f"{more}.png")
    # what a shell starts behind & ignores SIGINT, and so would all that the tests start
    first = subprocess.Popen(
        command(folder, "-o", out, "--workers", 2),
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(lambda: out.is_dir() and results(out))
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    os.kill(first.pid, number)
    assert first.wait(SOON) == code
    wait_for(lambda: not any(Path("/proc", child).exists() for child in children))
    before = {name: (out / name).stat().st_mtime_ns for name in results(out)}
    for name in before:
        with Image.open(out / name) as image:
            image.load()
    subprocess.run(command(folder, "-o", out, "--workers", 2), cwd=ROOT, check=True)
    assert len(before) < len(results(out)) == pictures
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before


def test_the_limit_of_a_container_counts(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 2000000 kB\n")
    assert to_spend(tmp_path) == int(2_048_000_000 * 0.8)
    cgroup = tmp_path / "sys/fs/cgroup"
    cgroup.mkdir(parents=True)
    (cgroup / "memory.max").write_text("max\n")
    (cgroup / "memory.current").write_text("5\n")
    assert to_spend(tmp_path) == int(2_048_000_000 * 0.8)
    (cgroup / "memory.max").write_text("1005\n")
    assert to_spend(tmp_path) == 800
