import hashlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srgan import cli
from srgan.training import div2k


def write(file, size):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(file)


@pytest.fixture
def small_div2k(tmp_path, monkeypatch):
    """DIV2K of two training pictures and one for validation, with its low resolution."""
    train, valid, train_lr, valid_lr = div2k.PARTS
    shorter = (
        replace(train, last=2),
        replace(valid, last=801),
        replace(train_lr, last=2),
        replace(valid_lr, last=801),
    )
    monkeypatch.setattr(div2k, "PARTS", shorter)
    write(tmp_path / "DIV2K_train_HR" / "0001.png", (16, 8))
    write(tmp_path / "DIV2K_train_HR" / "0002.png", (24, 8))
    write(tmp_path / "DIV2K_valid_HR" / "0801.png", (18, 11))
    write(tmp_path / "DIV2K_valid_LR_bicubic" / "X4" / "0801x4.png", (4, 2))
    return tmp_path


def test_published_numbers():
    train, valid, train_lr, _ = div2k.PARTS
    assert (train.names()[0], train.names()[-1], len(train.names())) == (
        "0001.png",
        "0800.png",
        800,
    )
    assert (valid.names()[0], valid.names()[-1], len(valid.names())) == (
        "0801.png",
        "0900.png",
        100,
    )
    assert train_lr.names()[6] == "0007x4.png"
    assert all(len(bytes.fromhex(part.archive.sha256)) == 32 for part in div2k.PARTS)


def test_without_a_folder_it_says_where_everything_is(capsys):
    assert cli.main(["data"]) == 0
    out = capsys.readouterr().out
    assert "https://data.vision.ee.ethz.ch/cvl/DIV2K/DIV2K_train_HR.zip  3531 MB, needed" in out
    assert "srgan train pretrain" in out


def test_a_whole_folder_is_found_whole(small_div2k, capsys):
    assert cli.main(["data", str(small_div2k)]) == 0
    out = capsys.readouterr().out
    assert "DIV2K_train_HR: 2 of 2 pictures, from 16 by 8 to 24 by 8 pixels" in out
    assert "DIV2K_train_LR_bicubic/X4: not there, and not needed" in out
    assert "DIV2K_valid_LR_bicubic/X4: 1 of 1" in out


def test_what_is_wrong_is_named(small_div2k, capsys):
    (small_div2k / "DIV2K_train_HR" / "0001.png").unlink()
    cut = small_div2k / "DIV2K_train_HR" / "0002.png"
    cut.write_bytes(cut.read_bytes()[:-30])
    write(small_div2k / "DIV2K_valid_LR_bicubic" / "X4" / "0801x4.png", (4, 3))
    assert cli.main(["data", str(small_div2k)]) == 1
    out = capsys.readouterr().out
    assert "missing: 0001.png" in out
    assert "broken: 0002.png" in out
    assert "not a quarter of the large picture: 0801x4.png" in out


def test_archives_are_compared_with_what_was_published(small_div2k, monkeypatch, capsys):
    content = b"an archive"
    archive = replace(
        div2k.PARTS[0].archive, size=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
    monkeypatch.setattr(div2k, "PARTS", (replace(div2k.PARTS[0], archive=archive),))
    (small_div2k / archive.name).write_bytes(content)
    assert cli.main(["data", str(small_div2k)]) == 0
    assert f"{archive.name}: as published" in capsys.readouterr().out
    (small_div2k / archive.name).write_bytes(b"an ARchive")
    assert cli.main(["data", str(small_div2k)]) == 1
    assert "NOT as published" in capsys.readouterr().out


def test_any_other_folder_is_counted(tmp_path, capsys):
    for number in range(6):
        write(tmp_path / "deep" / f"{number}.png", (40 + number, 30))
    assert cli.main(["data", str(tmp_path)]) == 0
    assert "6 pictures, from 40 by 30 to 45 by 30 pixels" in capsys.readouterr().out
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert cli.main(["data", str(tmp_path)]) == 1
    assert "broken: broken.jpg" in capsys.readouterr().out


def test_a_picture_that_training_would_skip_is_broken(tmp_path, capsys):
    write(tmp_path / "a.png", (40, 30))
    Image.fromarray(np.zeros((30, 40), np.float32)).save(tmp_path / "deep.tif")
    assert cli.main(["data", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "1 pictures" in out
    assert "broken: deep.tif (it has 32 bits a channel" in out


def test_folders_without_pictures_are_said(tmp_path, capsys):
    assert cli.main(["data", str(tmp_path)]) == 1
    assert "no pictures" in capsys.readouterr().out
    assert cli.main(["data", str(tmp_path / "missing")]) == 2
    assert "There is no folder" in capsys.readouterr().err
