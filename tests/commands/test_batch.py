"""What `batch` says without a run."""

import pytest
from PIL import Image

pytest.importorskip("apache_beam", reason="needs the extra `batch`: make test-batch")

from srgan import cli
from srgan.scale_out.matching import found, pattern_and_root, place_below


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["in", "out", "--quality", "0"], "quality"),
        (["in", "out", "--denoise", "2"], "denoise"),
        (["in", "out", "--model", "nobody"], "no model"),
        (["in", "out", "--dennoise", "1"], "--dennoise"),
        (["in", "out", "--threads", "0"], "--threads"),
        (["in", "out", "--region-pixels", "0"], "--region-pixels"),
        (["in", "in"], "the folder that is read"),
        (["nowhere", "out"], "no file and no folder"),
    ],
)
def test_wrong_usage_is_a_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "in/a.png")
    assert cli.main(["batch", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


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
    folder = tmp_path / "in"
    everything = ["a.png", "b.JPG", "below/[1]*/d.webp", "below/c.tif"]
    assert matched(folder, str(folder / "out")) == everything
    assert matched(f"{folder}/", str(folder / "out")) == everything
    assert matched(folder / "*.png") == ["a.png"]
    assert matched(folder / "below/**") == ["[1]*/d.webp", "c.tif"]
    assert matched(folder / "below/[1]*") == ["d.webp"]
    assert matched(folder / "a.png") == ["a.png"]


def test_places_in_buckets():
    assert str(place_below("gs://bucket/in", "gs://bucket/in/a/b.png")) == "a/b.png"
    assert place_below("gs://bucket/in", "gs://bucket/inner/b.png") is None
