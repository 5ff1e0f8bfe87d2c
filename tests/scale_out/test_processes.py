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

from srgan.upscaler import Upscaler  # noqa: E402
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


MANY = 48  # workers take a moment to notice that the command is gone, and go on meanwhile


@pytest.mark.parametrize("whole", [False, True], ids=["a worker", "the whole command"])
def test_a_run_that_is_killed_is_completed_by_a_second(tmp_path, whole):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(MANY):
        Image.fromarray(photograph(320, 200 + number)).save(folder / f"{number}.png")
    first = start(folder, out)
    wait_for(lambda: out.is_dir() and len(pictures(out)) >= 4)
    workers = workers_of(first)
    assert len(workers) == 2
    os.kill(first.pid if whole else workers[0], signal.SIGKILL)
    assert first.wait(SOON) == (-signal.SIGKILL if whole else 1)
    wait_for(lambda: not any(Path("/proc", str(worker)).exists() for worker in workers))
    before = pictures(out)
    assert len(before) < MANY
    for name in before:
        with Image.open(out / name) as image:
            image.load()
    assert start(folder, out).wait(SOON) == 0
    after = pictures(out)
    assert len(after) == MANY
    assert {name: after[name] for name in before} == before
    assert len(lines(out, "manifest.jsonl")) == MANY
    assert not list(out.rglob("*.part"))


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


def peak_of_cut(folder: Path, width: int, height: int) -> int:
    """Upscale a picture in regions; gives the most bytes that one process has held."""
    out = folder / "out"
    (folder / "in").mkdir(parents=True)
    tifffile.imwrite(
        folder / "in/scan.tif",
        np.resize(photograph(width, 500), (height, width, 3)),
        photometric="rgb",
        tile=(256, 256),
        compression="lzw",
    )
    run = start(folder / "in", out, "--whole-pixels=300000", "--region-pixels=200000")
    most: dict[int, int] = {}
    while run.poll() is None:
        for pid in [run.pid, *workers_of(run)]:
            found = re.search(r"VmHWM:\s+(\d+) kB", read(Path(f"/proc/{pid}/status")))
            if found:
                most[pid] = int(found[1]) * 1024
        time.sleep(0.2)
    assert run.returncode == 0
    assert len(most) >= 3
    with tifffile.TiffFile(out / "scan.tif") as tiff:
        page = tiff.pages.first
        assert (page.imagewidth, page.imagelength, page.is_tiled) == (4 * width, 4 * height, True)
    return max(most.values())


def test_the_memory_of_a_picture_that_is_cut_does_not_grow_with_it(tmp_path):
    width, height, times = 500, 1500, 5
    small = peak_of_cut(tmp_path / "small", width, height)
    large = peak_of_cut(tmp_path / "large", width, height * times)
    more_result = width * height * (times - 1) * 16 * 3
    assert large - small < more_result / 2
    assert large < 1e9  # 0.4 are Python, Beam and the network


def test_two_workers_make_the_pixels_of_one_process_from_shared_regions(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(photograph(131, 1409)).save(folder / "scan.tif")
    sizes = "--whole-pixels=100000", "--region-pixels=40000"
    assert start(folder, tmp_path / "out", *sizes).wait(SOON) == 0
    assert lines(tmp_path / "out", "manifest.jsonl")[0]["regions"] > 2
    whole = Upscaler().upscale(folder / "scan.tif")
    with Image.open(tmp_path / "out/scan.tif") as cut:
        np.testing.assert_array_equal(np.asarray(cut), whole.rgb)
