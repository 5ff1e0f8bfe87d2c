"""What `batch` says without a run."""

import os
import re

import pytest
from PIL import Image

pytest.importorskip("apache_beam", reason="needs the extra `batch`: make test-batch")

from srgan import cli
from srgan.scale_out.matching import absolute, found, pattern_and_root, place_below


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["in", "out", "--quality", "0"], "quality"),
        (["in", "out", "--denoise", "2"], "denoise"),
        (["in", "out", "--model", "nobody"], "no model"),
        (["in", "out", "--dennoise", "1"], "--dennoise"),
        (["in", "out", "--threads", "0"], "--threads"),
        (["in", "out", "--region-pixels", "0"], "--region-pixels"),
        (["in", "in"], "OUTPUT is the folder that is read"),
        (["in", "link"], "OUTPUT is the folder that is read"),
        (["link", "../there/in"], "OUTPUT is the folder that is read"),
        (["link/*.png", "in"], "OUTPUT is the folder that is read"),
        (["in", "out [1]"], "OUTPUT may have no * ? or [ in its name"),
        (["in", "gs://bucket/what?"], "OUTPUT may have no * ? or [ in its name"),
        (["in/caf\udce9*", "out"], "INPUT has a name in it that is not UTF-8"),
        (["in", "caf\udce9"], "OUTPUT has a name in it that is not UTF-8"),
        (["in", "in/a.png"], "OUTPUT has to be a folder, and"),
        (["in", "."], "OUTPUT holds the folder that is read"),
        (["nowhere", "out"], "no file and no folder"),
    ],
)
def test_wrong_usage_is_a_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    there = tmp_path / "there"
    (there / "in").mkdir(parents=True)
    (there / "link").symlink_to("in")
    monkeypatch.chdir(there)
    Image.new("RGB", (2, 2)).save("in/a.png")
    assert cli.main(["batch", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(os.listdir()) == ["in", "link"]
    assert os.listdir("in") == ["a.png"]


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="this system has no /proc")
def test_an_output_that_cannot_be_written_is_told_before_the_work(tmp_path, capsys):
    """Even root can make nothing there, as on a read-only disk."""
    (tmp_path / "a.png").write_bytes(b"")
    assert cli.main(["batch", str(tmp_path), "/proc/self/out"]) == 1
    assert re.fullmatch(
        r"srgan: /proc/\d+/out cannot be written: No such file or directory\.\n",
        capsys.readouterr().err,
    )


def matched(given, output="/nowhere"):
    from apache_beam.io.filesystems import FileSystems

    pattern, root = pattern_and_root(str(given))
    metadata = FileSystems.match([pattern])[0].metadata_list
    return sorted(str(it.place) for one in metadata for it in found(one, root, output))


def test_folders_globs_and_files_are_matched(tmp_path):
    for name in ("a.png", "b.JPG", "below/c.tif", "below/[1]*/d.webp", ".e.png", "f.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "in/out").mkdir()
    (tmp_path / "in/out/g.png").write_bytes(b"")
    os.mkfifo(tmp_path / "in/h.png")
    folder = tmp_path / "in"
    everything = ["a.png", "b.JPG", "below/[1]*/d.webp", "below/c.tif"]
    assert matched(folder, str(folder / "out")) == everything
    assert matched(f"{folder}/", str(folder / "out")) == everything
    assert matched(folder / "*.png") == ["a.png"]
    assert matched(folder / "below/**") == ["[1]*/d.webp", "c.tif"]
    assert matched(folder / "below/[1]*") == ["d.webp"]
    assert matched(folder / "a.png") == ["a.png"]


def test_a_folder_is_one_however_it_is_spelled(tmp_path, monkeypatch):
    for name in ("in/a.png", "in/out/b.png", "store/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "in/named.png").symlink_to("../store/c.png")
    monkeypatch.chdir(tmp_path / "store")
    output = absolute("../link/out")
    assert matched("../in", output) == matched("../link", output) == ["a.png", "named.png"]
    assert matched("../link/./*.png", output) == ["a.png", "named.png"]
    assert matched("../link/named.png", output) == ["named.png"]
    assert matched("*.png") == ["c.png"]


def test_places_in_buckets():
    assert str(place_below("gs://bucket/in", "gs://bucket/in/a/b.png")) == "a/b.png"
    assert place_below("gs://bucket/in", "gs://bucket/inner/b.png") is None
