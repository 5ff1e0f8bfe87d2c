"""The smoke test: what it lets through and what it does not."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from srgan import imaging
from tests.serving import ROOT, free_port

sys.path.insert(0, str(ROOT / "deploy"))
import smoke


def run(address, wait=5):
    command = [sys.executable, ROOT / "deploy" / "smoke.py", address, f"--wait={wait}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_server_that_works_passes(server):
    done = run(server.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4x picture are right" in done.stdout


def test_a_server_that_is_not_there_fails(server):
    done = run(f"http://127.0.0.1:{free_port()}", wait=0)
    assert done.returncode == 1
    assert "not ready within 0 s" in done.stderr


def test_a_server_without_its_networks_fails(server):
    server.service.stop()
    done = run(server.address, wait=0)
    assert done.returncode == 1
    assert "not ready" in done.stderr


def test_an_upscale_that_breaks_off_fails(server):
    server.fails()
    done = run(server.address)
    assert done.returncode == 1
    assert "answers 500" in done.stderr


def test_a_result_of_another_size_fails(server, monkeypatch):
    size = server.service.upscaler.output_size
    monkeypatch.setattr(
        server.service.upscaler, "output_size", lambda *a: tuple(side // 2 for side in size(*a))
    )
    done = run(server.address)
    assert done.returncode == 1
    assert "not 4x" in done.stderr


def test_a_result_in_other_colours_fails(server, monkeypatch):
    resize = imaging.resize
    black = np.array([0, 0, 0], np.uint8)

    def dark(picture, *rest):
        resized = resize(picture, *rest)
        resized.rgb[: resized.rgb.shape[0] // 2] = black
        return resized

    monkeypatch.setattr(imaging, "resize", dark)
    done = run(server.address)
    assert done.returncode == 1
    assert "has the colour" in done.stderr


def test_it_reads_pngs_as_pillow_does():
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    smooth = np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    for pixels in (noise, smooth, smooth[::-1, ::-1]):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        assert b"".join(smoke.rows_of(file.getvalue())) == pixels.tobytes()


def test_it_writes_pngs_that_pillow_reads():
    rows = smoke.quarters(32, 24)
    assert Image.open(io.BytesIO(smoke.png(rows))).convert("RGB").tobytes() == b"".join(rows)


@pytest.mark.parametrize("file", [b"", b"GIF89a", smoke.SIGNATURE, smoke.png([b"abc"])[:-20]])
def test_what_is_no_png_is_said(file):
    with pytest.raises(smoke.Failed, match="PNG"):
        smoke.rows_of(file)
