"""Runs on several processes: a worker that is killed, thousands of files, memory."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("apache_beam", reason="needs the extra `batch`: make test-batch")
tifffile = pytest.importorskip("tifffile", reason="needs the extra `batch`: make test-batch")

from tests.photos import photograph  # noqa: E402

ROOT = Path(__file__).parents[2]
TWO_WORKERS = (
    "--direct_running_mode=multi_processing",
    "--direct_num_workers=2",
    "--threads=1",
)
SOON = 600.0  # seconds; only ends a hang

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in Linux's /proc"),
]


def start(folder: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "srgan", "batch", str(folder), str(out), *TWO_WORKERS]
    return subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.DEVNULL)


def workers_of(run: subprocess.Popen[bytes]) -> list[int]:
    """The processes below a run, its resource trackers and the like left out."""
    below, found = [run.pid], []
    while below:
        for task in Path(f"/proc/{below.pop()}/task").glob("*/children"):
            for child in map(int, read(task).split()):
                below.append(child)
                called = read(Path(f"/proc/{child}/cmdline")).split("\0")
                if "python" in called[0] and any("sdk_worker_main" in word for word in called):
                    found.append(child)  # and not the shell that may stand above it
    return found


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has ended meanwhile


def pictures(out: Path) -> dict[str, int]:
    return {
        str(it.relative_to(out)): it.stat().st_mtime_ns
        for it in out.rglob("*.png")
        if not it.name.startswith(".")
    }


def lines(out: Path, name: str) -> list[dict]:
    latest = sorted((out / "_srgan").glob("2*"))[-1]
    return [json.loads(line) for line in (latest / name).read_text().splitlines()]


def wait_for(happened) -> None:
    until = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_run_whose_worker_is_killed_is_completed_by_a_second(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(16):
        Image.fromarray(photograph(320, 200 + number)).save(folder / f"{number}.png")
    first = start(folder, out)
    wait_for(lambda: out.is_dir() and len(pictures(out)) >= 4)
    workers = workers_of(first)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    assert first.wait(SOON) == 1
    wait_for(lambda: not any(Path("/proc", str(worker)).exists() for worker in workers))
    before = pictures(out)
    assert len(before) < 16
    for name in before:
        with Image.open(out / name) as image:
            image.load()
    assert start(folder, out).wait(SOON) == 0
    after = pictures(out)
    assert len(after) == 16
    assert {name: after[name] for name in before} == before
    assert len(lines(out, "manifest.jsonl")) == 16


def test_thousands_of_small_files_and_hundreds_of_broken_ones(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    rng = np.random.default_rng(7)
    for number in range(2000):
        path = folder / f"{number % 20:02}" / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8 + number % 3, 3), np.uint8)).save(path)
        if number % 10 == 0:
            path.write_bytes(path.read_bytes()[: number % 60])
    assert start(folder, out).wait(SOON) == 1
    assert len(pictures(out)) == 1800
    assert len(lines(out, "manifest.jsonl")) == 1800
    assert len({it["input"] for it in lines(out, "failures.jsonl")}) == 200


def test_a_picture_that_is_cut_takes_far_less_memory_than_its_result(tmp_path):
    side = 3000
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    tile = photograph(1000, 1000)
    tifffile.imwrite(
        folder / "scan.tif",
        np.tile(tile, (side // 1000, side // 1000, 1)),
        photometric="rgb",
        tile=(256, 256),
        compression="lzw",
    )
    run = start(folder, out, "--whole-pixels=1000000")
    most: dict[int, int] = {}
    while run.poll() is None:
        for pid in [run.pid, *workers_of(run)]:
            found = re.search(r"VmHWM:\s+(\d+) kB", read(Path(f"/proc/{pid}/status")))
            if found:
                most[pid] = int(found[1]) * 1024
        time.sleep(0.2)
    assert run.returncode == 0
    result = (4 * side) ** 2 * 3
    # An idle worker with the networks loaded has 0.35 GB; this leaves a region and some tiles.
    assert len(most) >= 3
    assert max(most.values()) < 0.35e9 + result / 2
    with tifffile.TiffFile(out / "scan.tif") as tiff:
        page = tiff.pages.first
        assert (page.imagewidth, page.imagelength, page.is_tiled) == (4 * side, 4 * side, True)
