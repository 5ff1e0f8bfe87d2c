"""Whatever happens while a file is written: the old one or the new one is there, whole."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srgan.commands._files import read, write
from srgan.errors import BrokenPicture, CannotWrite

ROOT = Path(__file__).parents[2]
OLD, NEW = b"old" * 1000, b"new" * 1_000_000


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    target = tmp_path / "deep" / "picture.png"
    for data in (OLD, NEW):
        write(target, data)
        assert target.read_bytes() == data
    assert names(target.parent) == ["picture.png"]


@pytest.fixture
def little_room():
    """As on a full disk: no file can be longer than this. Python is told, and not ended."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_without_room_the_old_file_stays_and_nothing_else(tmp_path, little_room):
    target = tmp_path / "picture.png"
    write(target, OLD)
    with pytest.raises(CannotWrite, match=r"picture\.png cannot be written: .*\."):
        write(target, NEW)
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["picture.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_told():
    with pytest.raises(CannotWrite, match="No space left on device"):
        write(Path("/dev/full"), NEW)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_place_that_cannot_be_written_is_told():
    """Even root can make nothing there, as on a read-only disk."""
    with pytest.raises(CannotWrite, match="cannot be written"):
        write(Path("/proc/self/picture.png"), OLD)
    with pytest.raises(CannotWrite, match="cannot be written"):
        write(Path("/proc/self/folder/picture.png"), OLD)


def test_a_killed_process_leaves_a_whole_file(tmp_path):
    target = tmp_path / "picture.png"
    code = (
        "import sys; from pathlib import Path; from srgan.commands._files import write\n"
        "while True:\n"
        "    for letter in (b'a', b'b'): write(Path(sys.argv[1]), letter * 3_000_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(target)], cwd=ROOT)
    while not target.exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.05)  # into the middle of another one
    process.kill()
    process.wait()
    left = target.read_bytes()
    assert left in (b"a" * 3_000_000, b"b" * 3_000_000)
    assert all(name == "picture.png" or name.startswith(".srgan-") for name in names(tmp_path))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_an_endless_device_is_read_to_the_limit():
    assert len(read(Path("/dev/zero"), 1000)) == 1001
    assert read(Path(os.devnull), 1000) == b""


@pytest.mark.parametrize("name", ["nowhere.png", "."])
def test_what_cannot_be_read_is_told(tmp_path, name):
    with pytest.raises(BrokenPicture, match="The file cannot be read"):
        read(tmp_path / name, 1000)
