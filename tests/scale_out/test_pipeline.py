"""Whole runs on this machine's runner, against the command `upscale` on the same folder."""

import errno
import json
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("apache_beam", reason="needs the extra `batch`: make test-batch")

from srgan import cli
from srgan.cleanness import look
from srgan.records import sha256
from srgan.scale_out.order import REGION_PIXELS as A_MEGAPIXEL
from srgan.scale_out.order import Found, Job, Order
from srgan.scale_out.regions import RegionReader, regions_of
from srgan.tone import tone_of
from srgan.upscaler import Options, Upscaler
from tests.imaging import heic
from tests.photos import noisy, photograph, sepia

WHOLE_PIXELS = 60_000
REGION_PIXELS = 30_000
# Sides are primes, so that the regions' borders fall oddly.
CUT = {
    "cut/scan.tif": (113, 1409),
    "cut/uneven.tif": (61, 1753),
    "cut/square.tif": (457, 449),
    "cut/gray.tif": (127, 1013),
    "cut/sepia.tif": (131, 907),
    "cut/alpha.png": (97, 811),
    "cut/even alpha.png": (89, 751),
    "cut/fax.tif": (101, 977),
    "cut/cut out.png": (83, 797),
}


def save(path: Path, pixels: np.ndarray, mode: str | None = None, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)


def with_alpha(width: int, height: int) -> np.ndarray:
    photo = photograph(width, height)
    return np.dstack([photo, np.where(photo[:, :, 1] < 60, 0, photo[:, :, 1])])


def cut_out(width: int, height: int) -> np.ndarray:
    photo = photograph(width, height)
    return np.dstack([photo, np.where(photo[:, :, 1] < 90, np.uint8(0), np.uint8(255))])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Pictures of many kinds and sizes, broken ones and others."""
    folder = tmp_path_factory.mktemp("batch") / "in"
    save(folder / "a.jpg", photograph(70, 50), quality=95)
    save(folder / "a.png", photograph(33, 21))
    save(folder / "one.webp", photograph(1, 1), lossless=True)
    save(folder / "line.bmp", photograph(90, 1))
    (folder / "phone.heic").write_bytes(heic.FILES["turned"])
    (folder / "sticker.heic").write_bytes(heic.FILES["alpha"])
    save(folder / "web.avif", photograph(31, 45))
    Image.fromarray(photograph(25, 35)).quantize(64).save(folder / "old.gif")
    save(folder / "below/gray.tif", photograph(40, 30), "L")
    save(folder / "below/alpha.png", with_alpha(45, 37))
    save(folder / "below/cut out.png", cut_out(53, 41))
    save(folder / "below/opaque.png", photograph(20, 20), "RGBA")
    for name, size in CUT.items():
        shaped = {"cut/alpha.png": with_alpha, "cut/cut out.png": cut_out}
        pixels = shaped.get(name, noisy)(*size)
        if name == "cut/sepia.tif":
            pixels = sepia(photograph(*size))
            assert tone_of(look(pixels), 0) is not None
        if name == "cut/even alpha.png":
            pixels = np.dstack([pixels, np.full(pixels.shape[:2], 77, np.uint8)])
        save(folder / name, pixels, {"cut/gray.tif": "L", "cut/fax.tif": "1"}.get(name))
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:300])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.tif").write_text("no picture")
    (folder / "notes.txt").write_text("not asked for")
    save(folder / ".hidden/a.png", photograph(9, 9))
    return folder


def batch(folder: Path, out: Path, *options: str) -> int:
    sizes = "--whole-pixels", str(WHOLE_PIXELS), "--region-pixels", str(REGION_PIXELS)
    return cli.main(["batch", str(folder), str(out), *sizes, *options])


def lines(out: Path, name: str) -> list[dict]:
    """Of the latest run."""
    latest = sorted((out / "_srgan").glob("2*"))[-1]
    return [json.loads(line) for line in (latest / name).read_text().splitlines()]


def results(out: Path) -> set[str]:
    files = (it for it in out.rglob("*") if it.is_file() and "_srgan" not in it.parts)
    return {str(it.relative_to(out)) for it in files if not it.name.startswith(".")}


@pytest.fixture(scope="module")
def made(folder) -> Path:
    """The results of one run, which some pictures fail."""
    out = folder.parent / "out"
    assert batch(folder, out, "--denoise", "0.5") == 1
    return out


@pytest.fixture(scope="module")
def by_upscale(folder) -> Path:
    out = folder.parent / "by_upscale"
    assert cli.main(["upscale", str(folder), "-o", str(out), "--denoise", "0.5"]) == 1
    return out


def test_the_results_have_the_names_and_the_bytes_that_upscale_gives_them(made, by_upscale):
    small = {name for name in results(by_upscale) if not name.startswith("cut/")}
    assert {name for name in results(made) if not name.startswith("cut/")} == small
    for name in small:
        assert (made / name).read_bytes() == (by_upscale / name).read_bytes(), name


@pytest.mark.parametrize("name", sorted(CUT))
def test_regions_make_the_pixels_that_upscale_makes(made, by_upscale, name):
    with (
        Image.open((made / name).with_suffix(".tif")) as cut,
        Image.open((by_upscale / name).with_suffix(".png")) as whole,
    ):
        assert cut.mode == whole.mode
        assert cut.size == tuple(4 * side for side in CUT[name])
        np.testing.assert_array_equal(np.asarray(cut), np.asarray(whole))


def test_they_were_cut_into_several_regions(made):
    regions = {it["input"]: it["regions"] for it in lines(made, "manifest.jsonl")}
    upscaler = Upscaler()
    for name, size in CUT.items():
        rows = len(upscaler.plan(size, Options(denoise=0.5)).rows)
        assert regions[name] == min(rows, round(size[0] * size[1] / REGION_PIXELS)), name
        assert regions[name] > 1, name
    assert {count for name, count in regions.items() if name not in CUT} == {1}


@pytest.mark.parametrize("size", [(1500, 2000), (6000, 4000), (20_000, 20_000), (9, 40_009)])
def test_regions_are_all_rows_of_windows_once(size):
    job = Job(Found("a", PurePosixPath("a"), 1, 1.0), "TIFF", size, PurePosixPath("a"), "TIFF")
    order = Order("", "", "", Options(), None, None, False, 1, 10**9, None, "")
    upscaler = Upscaler()
    plan = upscaler.plan(size, Options())
    regions = regions_of(job, order, upscaler)
    assert len(regions) == min(len(plan.rows), max(1, round(size[0] * size[1] / A_MEGAPIXEL)))
    rows = [row for region in regions for row in range(region.first, region.last)]
    assert rows == list(range(len(plan.rows)))


@pytest.mark.parametrize("size", [(700, 500), (30, 900)])
@pytest.mark.parametrize("name", ["a.tif", "a.png"])
def test_regions_are_looked_at_as_the_whole_is(tmp_path, name, size):
    pixels = noisy(*size)
    save(tmp_path / name, pixels)
    found = Found(str(tmp_path / name), PurePosixPath(name), 1, 1.0)
    kind = "TIFF" if name == "a.tif" else "PNG"
    job = Job(found, kind, size, PurePosixPath("a.tif"), "TIFF")
    order = Order("", "", "", Options(), None, None, False, 1, 10**9, None, "", region_pixels=1)
    upscaler = Upscaler()
    reader = RegionReader(order, upscaler)
    for region in regions_of(job, order, upscaler):
        np.testing.assert_array_equal(reader.read(region).places, look(pixels))


def test_the_manifest_tells_of_every_result(made, folder):
    entries = {entry["output"]: entry for entry in lines(made, "manifest.jsonl")}
    assert set(entries) == results(made)
    for name, entry in entries.items():
        data = (made / name).read_bytes()
        assert entry["output_sha256"] == sha256(data)
        assert entry["output_bytes"] == len(data)
        assert entry["input_sha256"] == sha256((folder / entry["input"]).read_bytes())
        assert entry["output_size"] == [4 * side for side in entry["input_size"]]
        assert entry["seconds"] > 0
        assert entry["model"] == "faithful-fast"


def test_the_dead_letters_say_why(made):
    reasons = {it["input"]: (it["error"], it["reason"]) for it in lines(made, "failures.jsonl")}
    assert {name: error for name, (error, _) in reasons.items()} == {
        "broken.png": "BrokenPicture",
        "empty.jpg": "NotAPicture",
        "text.tif": "NotAPicture",
    }
    assert all(reason.endswith(".") for _, reason in reasons.values())


def test_nothing_else_is_left_behind(made):
    assert not list(made.rglob("*.part"))
    assert not list(made.rglob("made-*"))
    assert not list((made / "_srgan/parts").iterdir())
    assert {it.name for it in (made / "_srgan").iterdir() if it.name != "parts"} == {
        it.name for it in (made / "_srgan").glob("2*")
    }


def test_a_second_run_makes_what_is_missing_or_has_changed_and_nothing_else(
    made, folder, tmp_path, capfd
):
    source, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(folder, source)
    shutil.copytree(made, out)
    for manifest in out.glob("_srgan/*/manifest.jsonl"):  # as if made from the copy
        manifest.write_text(manifest.read_text().replace(str(folder), str(source)))
    (out / "a.png").unlink()
    save(source / "line.bmp", photograph(80, 2))
    os.utime(source / "one.webp", (1, 1))  # another date and the same bytes
    (out / "below/gray.png").write_bytes(b"edited since")
    half_written = [out / "below/.srgan-1.part", out / "_srgan/parts/a/.srgan-2.part"]
    others = [out / "below/.srgan-3.part", out / "below/.notes.part"]
    for path in half_written + others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    os.utime(others[0], (2**32, 2**32))  # another run goes on with it
    before = {name: (out / name).stat().st_mtime_ns for name in results(out)}
    entries = lines(made, "manifest.jsonl")
    assert batch(source, out, "--denoise", "0.5") == 1
    again = {name for name in results(out) if (out / name).stat().st_mtime_ns != before.get(name)}
    assert again == {"a.png", "line.png"}
    assert not any(path.exists() for path in half_written)
    assert all(path.exists() for path in others)
    assert "2 pictures upscaled" in capfd.readouterr().err
    assert {it["output"] for it in lines(out, "manifest.jsonl")} == {it["output"] for it in entries}
    # Other options: all that this program has made, and not what somebody has edited.
    assert batch(source, out, "--scale", "2", "--format", "png", "--whole-pixels", "1000000") == 1
    assert (out / "below/gray.png").read_bytes() == b"edited since"
    with Image.open(out / "a.png") as image:
        assert image.size == (66, 42)


def test_a_result_is_not_replaced_by_that_of_another_picture(folder, tmp_path):
    one, two, out = (tmp_path / name for name in ("one", "two", "out"))
    for source, size in ((one, (6, 4)), (two, (8, 4))):
        save(source / "x.png", photograph(*size))
    save(two / "y.png", photograph(6, 4))
    shutil.copytree(one, tmp_path / "moved")
    assert batch(one, out) == 0
    assert batch(tmp_path / "moved", out) == 0  # the same bytes
    assert batch(two, out) == 1
    with Image.open(out / "x.png") as image:
        assert image.size == (24, 16)
    [failure] = lines(out, "failures.jsonl")
    assert failure["input"] == "x.png"
    assert f"{out}/x.png was made from {one}/x.png. Please choose another" in failure["reason"]
    assert batch(two, out, "--overwrite") == 0
    addresses = {it["input_address"] for it in lines(out, "manifest.jsonl")}
    assert addresses == {f"{two}/x.png", f"{two}/y.png"}
    save(two / "x.png", photograph(10, 4))
    assert batch(two, out) == 0


def test_a_name_that_is_not_utf8_fails_alone(tmp_path):
    save(tmp_path / "in/a.png", photograph(6, 4))
    odd = os.fsdecode(b"caf\xe9.png")
    try:
        save(tmp_path / "in" / odd, photograph(6, 4))
    except OSError:
        pytest.skip("this file system takes no such name")
    save(tmp_path / "out" / odd, photograph(6, 4))
    assert batch(tmp_path / "in", tmp_path / "out") == 1
    assert (tmp_path / "out/a.png").exists()
    [failure] = lines(tmp_path / "out", "failures.jsonl")
    assert failure["input"] == r"caf\udce9.png"
    assert failure["reason"].endswith("Please rename it.")


def test_what_cannot_be_read_is_told(tmp_path, monkeypatch, capsys):
    source, out = tmp_path / "in", tmp_path / "in/out"
    save(source / "a.png", photograph(6, 4))
    (source / "no entry").mkdir()
    (source / "b.png").symlink_to("nowhere.png")
    (source / "link").symlink_to("..")
    scandir = os.scandir

    def asked(path):
        """Root may read all: the system's answer is made up."""
        if f"{path}".endswith("no entry"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", asked)
    assert batch(source, out) == 1
    told = capsys.readouterr().err
    assert "1 picture upscaled" in told
    assert "2 failed" in told
    assert f"{source}/link is a link to a folder, which is not followed" in told
    reasons = {it["input"]: (it["reason"], it["error"]) for it in lines(out, "failures.jsonl")}
    assert reasons == {
        "no entry": ("It cannot be read: Permission denied.", "PermissionError"),
        "b.png": ("It cannot be read: No such file or directory.", "FileNotFoundError"),
    }


def test_names_with_brackets_are_no_patterns(folder, tmp_path):
    (tmp_path / "in [1]").mkdir()
    shutil.copy(folder / "a.png", tmp_path / "in [1]/[a].png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/[a].png").write_bytes(b"somebody's own")
    assert batch(tmp_path / "in [1]", tmp_path / "out") == 0
    assert (tmp_path / "out/[a].png").read_bytes() == b"somebody's own"
    [entry] = lines(tmp_path / "out", "manifest.jsonl")
    assert (entry["output"], entry["output_bytes"]) == ("[a].png", 14)


def test_very_large_pictures_are_made_four_times_as_large_or_not_at_all(folder, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(folder / "cut/scan.tif", tmp_path / "in")
    assert batch(tmp_path / "in", tmp_path / "out", "--scale", "2") == 1
    assert "--scale" in lines(tmp_path / "out", "failures.jsonl")[0]["reason"]
    assert batch(tmp_path / "in", tmp_path / "out", "--max-pixels", "70000") == 1
    assert "--max-pixels" in lines(tmp_path / "out", "failures.jsonl")[0]["reason"]
    assert results(tmp_path / "out") == set()


def test_it_says_how_many_pictures_have_noise_unless_denoising_was_decided(folder, tmp_path, capfd):
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(folder / "cut/scan.tif", source)  # noise, in regions
    save(source / "noise.png", noisy(60, 40))
    save(source / "clean.png", photograph(70, 50))
    assert batch(source, tmp_path / "out") == 0
    told = capfd.readouterr().err
    assert "2 of 3 pictures have noise or JPEG blocks" in told
    assert "--denoise 1" in told
    assert batch(source, tmp_path / "as it is", "--denoise", "0") == 0
    assert "noise" not in capfd.readouterr().err


def test_few_pictures_are_looked_at(folder, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("srgan.commands.upscale.LOOKED_AT", 1)
    for name in ("a.png", "b.png"):
        save(tmp_path / "in" / name, noisy(60, 40))
    assert batch(tmp_path / "in", tmp_path / "out") == 0
    assert "1 of 1 looked at has noise or JPEG blocks" in capfd.readouterr().err
