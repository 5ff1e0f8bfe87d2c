"""A disk that is full, read-only or not there costs the picture whose result it should hold."""

import contextlib
import errno
import io
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web import results
from srgan.web.jobs import State
from srgan.web.service import NoRoom
from tests.fakes import SOON
from tests.faults.test_clients import picture
from tests.load.visitor import Visitor, ask
from tests.serving import page_served

SAID = "The server has no room for the result now. Please try again later."


class FullDisk(io.BytesIO):
    def write(self, data, /):
        raise OSError(errno.ENOSPC, "No space left on device")


def read_only(*_, **__):
    raise OSError(errno.EROFS, "Read-only file system")


def none_at_all(*_, **__):
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


@pytest.mark.parametrize("disk", [lambda: FullDisk(), read_only, none_at_all])
def test_only_the_one_picture_is_lost(service, monkeypatch, disk):
    monkeypatch.setattr(tempfile, "TemporaryFile", disk)
    lost = service.upscale(picture(), Options())
    assert lost.wait(SOON)
    assert (lost.state, str(lost.error)) == (State.FAILED, SAID)
    assert isinstance(lost.error, NoRoom)
    monkeypatch.undo()
    kept = service.upscale(picture(), Options())
    assert kept.wait(SOON)
    assert Image.open(io.BytesIO(kept.result().master.read())).size == (48, 36)


def test_nothing_is_begun_for_which_there_is_no_room(service, monkeypatch):
    before = service.runs
    full = Limits(max_result_bytes=max(1, results.room.taken))
    monkeypatch.setattr(results, "limits", lambda: full)
    lost = service.upscale(picture(), Options())
    assert lost.wait(SOON)
    assert (lost.state, str(lost.error)) == (State.FAILED, SAID)
    assert service.runs == before
    for_a_program = service.submit(picture(), Options(), lambda before, after, seconds: after.size)
    assert for_a_program.wait(SOON)
    assert for_a_program.result() == (48, 36)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 2 MB, for the server's temporary files."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def noise(side):
    out = io.BytesIO()
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.slow
def test_a_visitor_is_told_when_a_real_disk_is_full(small_disk, tmp_path_factory):
    with (
        page_served(tmp_path_factory, TMPDIR=str(small_disk)) as address,
        Visitor(address) as visitor,
    ):
        filler = small_disk / "filler"
        with contextlib.suppress(OSError):
            filler.write_bytes(bytes(4_000_000))
        assert visitor.upload("noise.png", noise(64)).status == 204
        visitor.press("Upscale")
        with pytest.raises(AssertionError, match="no room for the result"):
            visitor.wait_for("link_button", "Download")
        # the API writes nothing, and goes on
        assert ask(address, "POST", "/v1/upscale", noise(64)).status == 200
        filler.unlink()
        visitor.press("Upscale")
        assert visitor.wait_for("link_button", "Download")
    assert not list(Path(small_disk).iterdir())
