import argparse
import contextlib
import errno
import io
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from srgan import cli
from srgan.commands.upscale import summary
from srgan.errors import BadOption, BrokenPicture, NetworkUnavailable
from srgan.imaging import Picture
from srgan.limits import limits
from srgan.upscaler import Options, Progress
from srgan.zoo import load_zoo
from tests.imaging import heic, pictures

ROOT = Path(__file__).parents[1]
DEFAULT = load_zoo().default
JOURNAL = ".srgan.jsonl"


@dataclass
class Fake:
    """Stands in for the Upscaler: doubles pixels, and keeps what it was asked."""

    loaded: list[str]
    options: list[Options]
    reaction: BaseException | None = None
    noisy: bool = False  # whether it says so of every picture
    looked_at: int = 0
    zoo = load_zoo()

    def load(self, model):
        self.loaded.append(model)

    def output_size(self, size, options):
        return size[0] * 4, size[1] * 4

    def needs_denoising(self, picture):
        self.looked_at += 1
        return self.noisy

    def upscale(self, picture, options, on_progress=None):
        self.options.append(options)
        on_progress(Progress(0, 2, 0.0, None))
        if self.reaction is not None:
            raise self.reaction
        on_progress(Progress(2, 2, 1.0, 0.0))
        larger = picture.rgb.repeat(4, axis=0).repeat(4, axis=1)
        return Picture(larger, None, picture.format, picture.gray)


@pytest.fixture
def fake(monkeypatch):
    fake = Fake([], [])
    monkeypatch.setattr("srgan.commands._one_by_one.Upscaler", lambda: fake)
    return fake


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path, format=None, size=(6, 4)):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pictures.photo(*size)).save(path, format)
    return path


def upscale(*arguments):
    return cli.main(["upscale", *map(str, arguments)])


def files(folder="."):
    """All files but the journal."""
    found = (p for p in Path(folder).rglob("*") if p.is_file() and p.name != JOURNAL)
    return sorted(str(p.relative_to(folder)) for p in found)


def format_of(path):
    with Image.open(path) as image:
        return image.format


@pytest.fixture
def locked(here, monkeypatch):
    """A folder that one may not enter. Root always may: the system's answers are made up."""

    def refusing(call, what):
        def asked(path, *others, **named):
            if what in f"{path}":
                raise PermissionError(errno.EACCES, "Permission denied", f"{path}")
            return call(path, *others, **named)

        return asked

    Path("locked").mkdir()
    for module, name in ((os, "stat"), (os, "lstat"), (os, "mkdir"), (io, "open")):
        monkeypatch.setattr(module, name, refusing(getattr(module, name), "locked" + os.sep))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir, "locked"))


# One picture


@pytest.mark.parametrize(
    ("out", "format"), [("b.png", "PNG"), ("b.jpg", "JPEG"), ("b.JPEG", "JPEG"), ("b.webp", "WEBP")]
)
def test_one_picture_into_a_file_of_the_format_it_is_named_for(fake, here, out, format):
    put("a.png")
    assert upscale("a.png", "-o", out) == 0
    assert files() == sorted(["a.png", out])
    with Image.open(out) as image:
        assert (image.format, image.size) == (format, (24, 16))


def test_the_format_stays_where_nothing_else_is_said(fake, here):
    put("a.webp")
    put("b.bmp")
    assert upscale("a.webp", "-o", "result") == 0
    assert format_of("result") == "WEBP"
    assert upscale("a.webp", "b.bmp", "-o", "out", "--format", "same") == 0
    assert files("out") == ["a.webp", "b.png"]


def test_pictures_of_phones_and_of_the_web_are_taken_from_a_folder(fake, here):
    Path("in").mkdir()
    Path("in/IMG_0001.HEIC").write_bytes(heic.FILES["turned"])
    Path("in/sticker.heic").write_bytes(heic.FILES["alpha"])
    put("in/web.avif")
    assert upscale("in", "-o", "out") == 0
    assert files("out") == ["IMG_0001.jpg", "sticker.png", "web.jpg"]
    with Image.open("out/IMG_0001.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (128, 192))
    assert upscale("in/sticker.heic", "-o", "result") == 0
    assert format_of("result") == "PNG"


def test_into_an_existing_folder_or_one_with_a_slash(fake, here):
    put("a.png")
    Path("there").mkdir()
    assert upscale("a.png", "-o", "there") == 0
    assert upscale("a.png", "-o", "new/") == 0
    assert files("there") == files("new") == ["a.png"]


def test_options_arrive(fake, here):
    put("a.png")
    assert upscale("a.png", "-o", "b.png") == 0
    assert (
        upscale("a.png", "-o", "c.png", "--model", "faithful", "--denoise", ".5", "--scale", "2")
        == 0
    )
    assert upscale("a.png", "-o", "d.png", "--width", "9") == 0
    assert fake.options == [Options(), Options("faithful", 0.5, 2), Options(width=9)]
    assert fake.loaded == [DEFAULT, "faithful", DEFAULT]


def test_quality_arrives(fake, here):
    put("a.png", size=(60, 40))
    assert upscale("a.png", "-o", "low.jpg", "--quality", "20") == 0
    assert upscale("a.png", "-o", "high.jpg", "--quality", "95") == 0
    assert Path("low.jpg").stat().st_size < Path("high.jpg").stat().st_size


def test_an_existing_result_is_not_replaced_without_being_told(fake, here, capsys):
    put("a.png")
    Path("b.png").write_text("precious")
    assert upscale("a.png", "-o", "b.png") == 1
    assert Path("b.png").read_text() == "precious"
    assert "b.png exists already" in capsys.readouterr().err
    assert upscale("a.png", "-o", "b.png", "--overwrite") == 0
    assert format_of("b.png") == "PNG"


# Folders


def test_a_tree_is_kept(fake, here):
    put("in/a.png")
    put("in/below/b.jpg")
    put("in/below/deeper/c.TIFF")
    put("in/.hidden/d.png")
    put("in/.e.png")
    Path("in/notes.txt").write_text("no picture")
    assert upscale("in", "-o", "out") == 0
    assert files("out") == ["a.png", "below/b.jpg", "below/deeper/c.png"]


def test_several_inputs_keep_the_names_of_their_folders(fake, here):
    put("one/a.png")
    put("two/a.png")
    put("a.png")
    assert upscale("one", "two", "a.png", "-o", "out", "--format", "jpg") == 0
    assert files("out") == ["a.jpg", "one/a.jpg", "two/a.jpg"]


def test_results_inside_the_folder_are_not_read_again(fake, here, capsys):
    put("in/a.png")
    assert upscale("in", "-o", "in/large") == 0
    assert upscale("in", "-o", "in/large") == 0
    assert files("in") == ["a.png", "large/a.png"]
    assert "1 skipped" in capsys.readouterr().err


def test_a_pattern_that_the_shell_has_left_is_looked_up(fake, here, capsys):
    put("b.png")
    put("a.png")
    put("a [1].png")
    put(".hidden.png")
    put("sub/c.webp")
    assert upscale("*.png", "sub/*", "-o", "out") == 0
    assert files("out") == ["a [1].png", "a.png", "b.png", "c.webp"]
    assert upscale("a [[]?].png", "-o", "one.png") == 0
    assert upscale("a [1].png", "-o", "other.png") == 0  # which is no pattern: there is this file
    assert upscale("*.gif", "-o", "out") == 2
    assert "There is no file *.gif." in capsys.readouterr().err


def test_results_are_not_read_again_where_all_there_is_was_named(fake, here, capsys):
    put("a.png")
    put("b/c.png")
    for _ in range(2):
        assert upscale("*", "-o", "large/") == 0
    assert files("large") == ["a.png", "b/c.png"]
    said = capsys.readouterr().err
    assert "2 skipped" in said
    assert said.count("large/ is where the results go") == 1  # not in the first run


def test_results_of_one_name_are_kept_apart(fake, here):
    put("in/a.png")
    put("in/a.jpg")
    put("in/a.webp")
    put("in/b.bmp")
    put("in/b.tif")
    assert upscale("in", "-o", "out", "--format", "png") == 0
    assert files("out") == ["a.jpg.png", "a.png", "a.webp.png", "b.bmp.png", "b.tif.png"]


def test_also_where_the_longer_name_is_taken(fake, here):
    put("in/a.jpg.png")
    put("in/a.png")
    put("in/a.jpg")
    assert upscale("in", "-o", "out", "--format", "png") == 0
    assert files("out") == ["a.jpg-2.png", "a.jpg.png", "a.png"]


def test_the_ending_follows_the_content_not_the_old_ending(fake, here):
    put("in/really.png", "JPEG")
    assert upscale("in", "-o", "out") == 0
    assert files("out") == ["really.jpg"]
    assert format_of("out/really.jpg") == "JPEG"


def test_a_picture_named_twice_is_made_once(fake, here):
    put("a.png")
    assert upscale("a.png", "a.png", "-o", "out") == 0
    assert len(fake.options) == 1


def test_a_second_run_makes_only_what_is_missing(fake, here, capsys):
    put("in/a.png")
    put("in/b.png")
    assert upscale("in", "-o", "out") == 0
    Path("out/b.png").unlink()
    before = Path("out/a.png").stat().st_mtime_ns
    assert upscale("in", "-o", "out") == 0
    assert Path("out/a.png").stat().st_mtime_ns == before
    assert len(fake.options) == 3
    told = capsys.readouterr().err
    assert "1 picture upscaled (in " in told
    assert "1 skipped" in told
    assert upscale("in", "-o", "out") == 0
    assert len(fake.loaded) == 2
    assert upscale("in", "-o", "out", "--overwrite") == 0
    assert len(fake.options) == 5


def test_a_result_is_made_again_when_its_source_or_the_options_have_changed(fake, here):
    put("in/a.png")
    put("in/b.png")
    assert upscale("in", "-o", "out") == 0
    put("in/b.png", size=(8, 4))
    assert upscale("in", "-o", "out") == 0
    assert len(fake.options) == 3
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert len(fake.options) == 5
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert len(fake.options) == 5


def test_a_copy_of_a_source_with_a_new_date_changes_nothing(fake, here):
    put("in/a.png")
    assert upscale("in", "-o", "out") == 0
    os.utime("in/a.png", (1, 1))
    assert upscale("in", "-o", "out") == 0
    assert len(fake.options) == 1


def test_what_no_run_has_made_or_what_was_edited_since_stays(fake, here):
    put("in/a.png")
    put("in/b.png")
    assert upscale("in/a.png", "-o", "out/") == 0
    Path("out/a.png").write_text("edited")
    Path("out/b.png").write_text("somebody's own")
    assert upscale("in/a.png", "in/b.png", "-o", "out", "--denoise", "1") == 0
    assert Path("out/a.png").read_text() == "edited"
    assert Path("out/b.png").read_text() == "somebody's own"


def test_a_result_is_not_replaced_by_that_of_another_picture(fake, here, capsys):
    put("a/x.png")
    put("b/x.png", size=(8, 4))
    put("b/y.png")
    assert upscale("a", "-o", "out") == 0
    assert upscale("b", "-o", "out") == 1
    with Image.open("out/x.png") as image:
        assert image.size == (24, 16)
    assert files("out") == ["x.png", "y.png"]
    told = capsys.readouterr().err
    assert f"b/x.png: out/x.png was made from {here / 'a/x.png'}. Please choose another" in told
    assert upscale("b/x.png", "-o", "out/") == 1
    assert upscale("b", "-o", "out", "--overwrite") == 0
    assert upscale("b", "-o", "out") == 0
    assert upscale("a", "-o", "out") == 1


def test_two_pictures_of_one_size_and_time_are_two(fake, here):
    for folder, size in (("a", (8, 4)), ("b", (4, 8))):
        put(f"{folder}/x.bmp", size=size)
        os.utime(f"{folder}/x.bmp", (9, 9))
    assert Path("a/x.bmp").stat().st_size == Path("b/x.bmp").stat().st_size
    assert upscale("a", "-o", "out") == 0
    assert upscale("b", "-o", "out") == 1


def test_sources_that_were_moved_are_known(fake, here):
    put("tree/in/x.png")
    put("tree/in/y.png")
    assert upscale("tree/in", "-o", "tree/out") == 0
    Path("tree").rename("moved")
    put("moved/in/x.png", size=(8, 4))  # a newer version, as seen from the results
    Path("moved/link").symlink_to("in")
    assert upscale("moved/link", "-o", "moved/out") == 0
    assert len(fake.options) == 3
    Path("moved/in").rename("elsewhere")  # the same bytes
    assert upscale("elsewhere", "-o", "moved/out") == 0
    assert upscale("elsewhere", "-o", "moved/out", "--denoise", "1") == 0
    assert len(fake.options) == 5
    assert str(here) not in Path("moved/out", JOURNAL).read_text()


def test_between_drives_of_windows_the_whole_path_tells_pictures_apart(
    fake, here, capsys, monkeypatch
):
    def no_way(*places):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr("os.path.relpath", no_way)
    put("a/x.png")
    put("b/x.png", size=(8, 4))
    assert upscale("a", "-o", "out") == 0
    assert upscale("a", "-o", "out") == 0
    assert upscale("b", "-o", "out") == 1
    assert f"out/x.png was made from {here / 'a/x.png'}." in capsys.readouterr().err


def test_a_name_goes_on_to_another_source_of_the_run(fake, here):
    put("in/a.jpg")
    assert upscale("in", "-o", "out", "--format", "png") == 0
    put("in/a.png", size=(8, 4))
    assert upscale("in", "-o", "out", "--format", "png") == 0
    assert files("out") == ["a.jpg.png", "a.png"]
    assert len(fake.options) == 3


def test_records_of_older_versions_count(fake, here):
    put("in/a.png")
    assert upscale("in", "-o", "out") == 0
    journal = Path("out", JOURNAL)
    facts = json.loads(journal.read_text())
    del facts["origin"]
    journal.write_text(json.dumps(facts) + "\n")
    Path("in").rename("other")
    assert upscale("other", "-o", "out") == 0
    put("other/a.png", size=(8, 4))
    assert upscale("other", "-o", "out") == 0
    assert len(fake.options) == 2


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9.png"), "a\u2028b.png", "a\x85b.png"])
def test_odd_names_are_remembered(fake, here, name):
    try:
        put(f"in/{name}")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert upscale("in", "-o", "out") == 0
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert len(fake.options) == 2


def test_a_journal_of_older_versions_is_read_where_names_hold_ends_of_lines(fake, here):
    put("in/a\u2028b.png")
    assert upscale("in", "-o", "out") == 0
    journal = Path("out", JOURNAL)
    line = json.dumps(json.loads(journal.read_text()), ensure_ascii=False)
    journal.write_text(line + "\n", encoding="utf-8")
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert len(fake.options) == 2


def test_a_journal_that_was_cut_off_loses_one_line_and_takes_new_ones(fake, here):
    for name in "abc":
        put(f"in/{name}.png")
    assert upscale("in", "-o", "out") == 0
    journal = Path("out", JOURNAL)
    journal.write_bytes(journal.read_bytes()[:-40])
    Path("out/a.png").unlink()
    assert upscale("in", "-o", "out") == 0
    assert len(fake.options) == 4
    assert upscale("in", "-o", "out", "--denoise", "1") == 0
    assert len(fake.options) == 6  # nothing is known of c any more


@pytest.mark.parametrize("workers", [1, 2])
def test_a_journal_that_cannot_be_written_fails_each_picture_once(here, capsys, workers):
    for name in ("a", "b", "c"):
        put(f"in/{name}.png", size=(2, 2))
    Path("out", JOURNAL).mkdir(parents=True)
    assert upscale("in", "-o", "out", "--workers", workers) == 1
    told = capsys.readouterr().err
    assert told.count(f"out/{JOURNAL} cannot be written: Is a directory.") == 3
    assert told.endswith("0 pictures upscaled, 3 failed.\n")


def test_leftovers_of_a_killed_run_are_removed_and_those_of_a_running_one_are_not(fake, here):
    put("in/a.png")
    old, new = put("out/.srgan-01.part", "PNG"), put("out/.srgan-02.part", "PNG")
    os.utime(old, (1, 1))
    assert upscale("in", "-o", "out") == 0
    assert not old.exists()
    assert new.exists()


# What is worn


def test_a_worn_picture_is_told_of(fake, here, capsys):
    put("a.png")
    upscale("a.png", "-o", "b.png")
    assert "--denoise" not in capsys.readouterr().err
    fake.noisy = True
    upscale("a.png", "-o", "c.png")
    told = capsys.readouterr().err
    assert "The picture has noise or JPEG blocks" in told
    assert "--denoise 1 takes them away.\n" in told


@pytest.mark.parametrize("strength", ["0", "0.5"])
def test_who_has_chosen_a_strength_is_told_nothing(fake, here, capsys, strength):
    put("a.png")
    fake.noisy = True
    upscale("a.png", "-o", "b.png", "--denoise", strength)
    assert "noise or" not in capsys.readouterr().err
    assert fake.looked_at == 0


def test_of_a_large_folder_the_first_pictures_tell(fake, here, capsys):
    for number in range(12):
        put(f"in/{number:02}.png")
    fake.noisy = True
    upscale("in", "-o", "out")
    assert fake.looked_at == 10
    assert (
        "10 of 10 looked at have noise or JPEG blocks, which came along. --denoise 1 takes them "
        "away, and leaves clean pictures as they are.\n"
    ) in capsys.readouterr().err


# What goes wrong


def test_broken_pictures_are_told_and_the_others_made(fake, here, capsys):
    put("in/a.png")
    Path("in/b.png").write_bytes(Path("in/a.png").read_bytes()[:60])
    Path("in/c.jpg").write_text("no picture")
    put("in/d.png")
    assert upscale("in", "missing.png", "-o", "out") == 1
    assert files("out") == ["in/a.png", "in/d.png"]
    told = capsys.readouterr().err
    assert "in/b.png: This PNG file is broken" in told
    assert "in/c.jpg: This is not a picture" in told
    assert "missing.png: The file cannot be read: No such file" in told
    assert "2 pictures upscaled (" in told
    assert told.endswith("), 3 failed.\n")


def test_a_result_that_does_not_fit_is_told_before_the_work(fake, here, capsys):
    put("a.png", size=(4096, 1))
    assert upscale("a.png", "-o", "b.webp") == 1
    assert "16,383" in capsys.readouterr().err
    assert fake.options == []
    assert files() == ["a.png"]


def test_a_file_above_the_limit_is_not_read_whole(fake, here, capsys, monkeypatch):
    put("a.png")
    small = replace(limits(), max_bytes=20)
    monkeypatch.setattr("srgan.commands._work.limits", lambda: small)
    assert upscale("a.png", "-o", "b.png") == 1
    assert "MB" in capsys.readouterr().err


def test_unusable_networks_end_it_at_once(fake, here, capsys):
    put("in/a.png")
    put("in/b.png")
    fake.reaction = NetworkUnavailable("The network is damaged.")
    assert upscale("in", "-o", "out") == 1
    assert len(fake.options) == 1
    assert capsys.readouterr().err.endswith("srgan: The network is damaged.\n")


def test_a_folder_that_cannot_be_made(fake, here, capsys):
    put("a.png")
    put("b.png")
    assert upscale("a.png", "-o", "b.png/below/c.png") == 1
    assert "cannot be written: Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["out", "out.png"])
def test_a_picture_where_one_may_not_go_is_told(fake, here, capsys, locked, out):
    assert upscale("locked/a.png", "-o", out) == 1
    assert "locked/a.png: The file cannot be read: Permission denied." in capsys.readouterr().err


@pytest.mark.parametrize("out", ["locked/a.png", "locked/out/"])
def test_a_place_where_one_may_not_go_is_told(fake, here, capsys, locked, out):
    put("a.png")
    assert upscale("a.png", "-o", out) == 1
    assert ".png cannot be written: Permission denied." in capsys.readouterr().err


def test_a_folder_that_cannot_be_read_is_told_and_the_others_made(fake, here, capsys, locked):
    put("in/a.png")
    put("in/z/b.png")
    Path("in/locked").mkdir()
    assert upscale("in", "-o", "out") == 1
    assert files("out") == ["a.png", "z/b.png"]
    told = capsys.readouterr().err
    assert "in/locked cannot be read: Permission denied.\n2 pictures upscaled" in told
    assert told.endswith(", 1 failed.\n")
    assert upscale("locked", "-o", "out") == 1
    assert upscale("locked", "in/a.png", "-o", "other") == 1
    assert files("other") == ["a.png"]


def test_a_link_to_a_folder_is_told_and_not_followed(fake, here, capsys):
    put("in/a.png")
    put("elsewhere/b.png")
    Path("in/link").symlink_to("../elsewhere")
    Path("in/results").symlink_to("../out")
    Path("out").mkdir()
    assert upscale("in", "-o", "out") == 0
    assert files("out") == ["a.png"]
    told = capsys.readouterr().err
    assert "in/link is a link to a folder, which is not followed: name it" in told
    assert "in/results" not in told


def test_a_link_to_itself_is_told(fake, here, capsys):
    put("in/a.png")
    Path("in/b.png").symlink_to("b.png")
    for names in (["in"], ["in/a.png", "in/b.png"]):
        assert upscale(*names, "-o", "out") == 1
        assert "in/b.png: The file cannot be read: Too many" in capsys.readouterr().err


def test_a_failed_write_leaves_nothing_behind(fake, here, monkeypatch):
    put("a.png")
    put("out/a.png")
    before = Path("out/a.png").read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert upscale("a.png", "-o", "out", "--overwrite") == 1
    assert files("out") == ["a.png"]
    assert Path("out/a.png").read_bytes() == before


def test_ctrl_c_ends_cleanly(fake, here, capsys):
    put("in/a.png")
    put("in/b.png")
    fake.reaction = KeyboardInterrupt()
    assert upscale("in", "-o", "out") == 130
    assert capsys.readouterr().err.endswith("Stopped. 0 pictures upscaled.\n")
    assert not Path("out").exists()


def test_programming_errors_are_not_swallowed(fake, here):
    put("a.png")
    fake.reaction = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        upscale("a.png", "-o", "b.png")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a.png", "-o", "b.gif"], "written as PNG, JPEG or WebP, not as .gif"),
        (["a.png", "-o", "b.tif", "--format", "png"], "not as .tif"),
        (["a.png", "-o", "b.png", "--format", "webp"], "does not go with --format webp"),
        (["a.png", "-o", "a.png"], "would take the place of a picture"),
        (["a.png", "-o", "a.png", "--overwrite"], "would take the place of a picture"),
        (["in", "-o", "in", "--overwrite"], "would take the place of a picture"),
        (["a.png", "in", "-o", "a.png"], "is a file"),
        (["in", "-o", "-"], "one picture"),
        (["a.png", "-", "-o", "out"], "goes with no other"),
        (["-", "-o", "in"], "has no name"),
        (["empty", "-o", "out"], "no picture in the folder empty"),
        (["a.png", "-o", "b.png", "--quality", "0"], "quality"),
        (["a.png", "-o", "b.png", "--denoise", "2"], "denoise"),
        (["a.png", "-o", "b.png", "--scale", "9"], "scale"),
    ],
)
def test_wrong_usage_is_a_sentence(fake, here, capsys, arguments, sentence):
    put("a.png")
    put("in/a.png")
    Path("empty").mkdir()
    before = {name: Path(name).read_bytes() for name in files()}
    assert upscale(*arguments) == 2
    assert sentence in capsys.readouterr().err
    assert {name: Path(name).read_bytes() for name in files()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["upscale"],
        ["upscale", "a.png"],
        ["upscale", "a.png", "-o", "b.png", "--format", "gif"],
        ["upscale", "a.png", "-o", "b.png", "--scale", "2", "--width", "100"],
        ["upscale", "a.png", "-o", "b.png", "--scale", "wide"],
    ],
)
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: srgan" in capsys.readouterr().err


def test_a_bad_limit_is_told(fake, here, capsys, monkeypatch):
    put("a.png")

    def bad():
        raise BadOption("SRGAN_MAX_BYTES is wrong.")

    monkeypatch.setattr("srgan.limits.limits", bad)
    assert upscale("a.png", "-o", "b.png") == 2
    assert "SRGAN_MAX_BYTES is wrong." in capsys.readouterr().err


# Standard input and output


@pytest.fixture
def streams(monkeypatch):
    def connect(data=b""):
        standard = SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: False)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        monkeypatch.setattr(sys, "stdout", standard)
        return standard

    return connect


def test_from_standard_input_to_standard_output(fake, streams):
    stdout = streams(pictures.saved(pictures.photo(6, 4), "JPEG"))
    assert upscale("-", "-o", "-") == 0
    with Image.open(io.BytesIO(stdout.buffer.getvalue())) as image:
        assert (image.format, image.size) == ("JPEG", (24, 16))


def test_what_came_through_a_pipe_counts_by_its_pixels(fake, streams, capsys):
    streams(pictures.saved(pictures.photo(400, 300), "PNG"))
    assert upscale("-", "-o", "-") == 0
    assert "1 picture upscaled (0.1 megapixels in " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pixels", "shown"),
    [(99_999, "(in 2 min 5 s)"), (100_000, "(0.1 mega"), (12_340_000_000, "(12,340.0 mega")],
)
def test_megapixels_are_told_where_there_are_any(pixels, shown):
    counts = Counter(done=2, pixels=pixels)
    assert f"2 pictures upscaled {shown}" in summary(counts, interrupted=False, seconds=125)


def test_from_standard_input_to_a_file_and_back(fake, here, streams):
    streams(pictures.saved(pictures.photo(6, 4), "TIFF"))
    assert upscale("-", "-o", "a.webp") == 0
    stdout = streams()
    assert upscale("a.webp", "-o", "-", "--format", "png") == 0
    with Image.open(io.BytesIO(stdout.buffer.getvalue())) as image:
        assert (image.format, image.size) == ("PNG", (96, 64))


@pytest.fixture
def pipe(here):
    """A pipe of that name with a picture in it for its first reader, and nothing for the others."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")

    def fill(path):
        for data in (pictures.saved(pictures.photo(6, 4), "JPEG"), b"", b"", b""):
            with contextlib.suppress(BrokenPipeError):
                path.write_bytes(data)

    def make(name):
        os.mkfifo(name)
        threading.Thread(target=fill, args=(here / name,), daemon=True).start()

    return make


@pytest.mark.parametrize("names", [["a.fifo"], ["a.fifo", "b.png"]])
def test_a_pipe_is_read_once(fake, here, pipe, names):
    pipe("a.fifo")
    put("b.png")
    assert upscale(*names, "-o", "out") == 0
    assert len(fake.options) == len(names)


def test_pipes_are_left_out_of_folders_and_broken_links_are_not(fake, here, pipe, capsys):
    put("in/a.png")
    pipe("in/b.png")
    Path("in/c.png").symlink_to("nowhere.png")
    assert upscale("in", "-o", "out") == 1
    assert files("out") == ["a.png"]
    told = capsys.readouterr().err
    assert "in/c.png: The file cannot be read: No such file" in told
    assert "1 failed" in told


def test_nothing_is_written_for_a_broken_picture(fake, streams, capsys):
    stdout = streams(b"no picture")
    assert upscale("-", "-o", "-") == 1
    assert stdout.buffer.getvalue() == b""
    assert "standard input: This is not a picture" in capsys.readouterr().err


def test_no_picture_on_a_terminal(fake, streams, capsys):
    streams().isatty = lambda: True
    assert upscale("-", "-o", "-") == 2
    assert "terminal" in capsys.readouterr().err


# Other commands


def test_models_are_listed(capsys):
    from srgan.zoo import load_zoo

    assert cli.main(["models"]) == 0
    printed = capsys.readouterr().out
    zoo = load_zoo()
    assert f"{zoo.default} (default)" in printed
    for name in zoo.models():
        assert name in printed
        assert zoo.model(name).summary in printed
    assert len(printed.splitlines()) < 30, "what nobody can take in"


def test_measured_quality_is_listed(capsys, monkeypatch):
    from srgan import zoo

    known = zoo.load_zoo()
    scores = {"Set5": {"psnr_y": 31.234, "lpips": 0.0744}, "Set14": {"psnr_y": None}}
    network = replace(known.model(known.default), benchmark=scores)
    measured = zoo.Zoo(known.folder, network.name, {network.name: network})
    monkeypatch.setattr(zoo, "load_zoo", lambda: measured)
    assert cli.main(["models"]) == 0
    printed = capsys.readouterr().out
    assert "PSNR-Y in dB (more is better): Set5 31.23\n" in printed
    assert "LPIPS (less is better): Set5 0.074\n" in printed


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_a_parser_and_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: srgan {name}" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "from_the_ending"), [("upscale", True), ("batch", False)])
def test_only_a_file_s_ending_says_its_format(name, from_the_ending, capsys):
    with pytest.raises(SystemExit):
        cli.main([name, "--help"])
    assert ("ends in" in capsys.readouterr().out) is from_the_ending


LOCKS = dict.fromkeys(cli.COMMANDS, "requirements-serve.txt") | {
    "train": "requirements.txt",
    "export": "requirements.txt",
    "batch": "requirements-batch.txt",
}


@pytest.mark.parametrize(
    ("command", "package", "how"),
    [(command, "a_package", f"pip install -r {lock}, in") for command, lock in LOCKS.items()]
    + [("train", "jax", "pip install jax."), ("train", "torch", "pip install torch.")],
)
def test_a_missing_package_is_named(monkeypatch, capsys, command, package, how):
    def run(args):
        raise ModuleNotFoundError(name=package)

    module = SimpleNamespace(add_parser=lambda s: s.add_parser(command), run=run)
    monkeypatch.setattr(cli, "import_module", lambda name: module)
    assert cli.main([command]) == 1
    needs = f"The command {command} needs {package}, which is not installed: {how}"
    assert needs in capsys.readouterr().err


def test_the_files_that_name_packages_are_there():
    assert [lock for lock in LOCKS.values() if not (ROOT / lock).is_file()] == []


def test_without_beam_batch_says_where_to_have_it(monkeypatch, capsys):
    monkeypatch.setattr("srgan.commands.batch.find_spec", lambda name: None)
    assert cli.main(["batch", "in", "out"]) == 1
    told = capsys.readouterr().err
    assert "in an environment of its own: make .venv-batch/.ready" in told
    assert "pip install" not in told


def test_errors_that_concern_the_whole_command(monkeypatch, capsys):
    def run(args: argparse.Namespace) -> int:
        raise BrokenPicture("A sentence.")

    module = SimpleNamespace(add_parser=lambda s: s.add_parser("evaluate"), run=run)
    monkeypatch.setattr(cli, "import_module", lambda name: module)
    assert cli.main(["evaluate"]) == 1
    assert capsys.readouterr().err == "srgan: A sentence.\n"


# As a process


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_what_standard_output_has_no_letter_for_is_replaced():
    code = """
import sys
from srgan import cli
from srgan.commands import models
models.run = lambda args: print("4 × 4") or 0
sys.exit(cli.main(["models"]))
"""
    environment = os.environ | {"PYTHONIOENCODING": "cp1251"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert done.stdout.split() == [b"4", b"?", b"4"]


def test_help_loads_nothing_heavy():
    heavy = "{'numpy', 'PIL', 'cv2', 'keras', 'tensorflow', 'ai_edge_litert', 'streamlit'}"
    loaded = python(
        "import contextlib, io, sys; from srgan.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['--help'])\n"
        f"print(*sorted({heavy} & set(sys.modules)))"
    )
    assert loaded.strip() == ""


def test_only_train_and_export_need_what_trains():
    """All others are told to install what serves."""
    heavy = "{'h5py', 'keras', 'tensorflow'}"
    loaded = python(
        "import importlib, pkgutil, sys; import srgan.evaluation\n"
        "for module in pkgutil.iter_modules(srgan.evaluation.__path__):\n"
        "    importlib.import_module(f'srgan.evaluation.{module.name}')\n"
        "for name in ('training.data', 'training.div2k', 'web.lifecycle', 'upscaler'):\n"
        "    importlib.import_module(f'srgan.{name}')\n"
        f"print('LOADED', *sorted({heavy} & set(sys.modules)))"
    )
    assert loaded.rstrip().endswith("LOADED")


def test_the_list_of_models_loads_no_network_engine():
    loaded = python(
        "import sys; from srgan.cli import main; main(['models'])\n"
        "print('LOADED', *sorted({'ai_edge_litert', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert loaded.rstrip().endswith("LOADED")


def test_a_picture_through_the_real_networks_and_pipes(tmp_path):
    data = pictures.saved(pictures.photo(20, 15), "PNG")
    ended = subprocess.run(
        [sys.executable, "-m", "srgan", "upscale", "-", "-o", "-"],
        cwd=ROOT,
        input=data,
        capture_output=True,
        check=True,
    )
    with Image.open(io.BytesIO(ended.stdout)) as image:
        assert (image.format, image.size) == ("PNG", (80, 60))
        pixels = np.asarray(image)
    small = np.asarray(Image.fromarray(pixels).resize((20, 15), Image.Resampling.BOX))
    assert np.abs(small.astype(int) - pictures.photo(20, 15)).mean() < 12
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        ("- -o - > /dev/full", "standard input: Standard output cannot be written: No space left"),
        ("- -o - >&-", "standard input: Standard output is closed.\n"),
        ("- -o - <&-", "standard input: It is closed.\n"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_stream_that_does_not_work_is_told_and_nothing_else(streams, told):
    ended = subprocess.run(
        f"{sys.executable} -m srgan upscale {streams}",
        shell=True,
        cwd=ROOT,
        input=pictures.saved(pictures.photo(2, 2), "PNG"),
        stderr=subprocess.PIPE,
        check=False,
    )
    said = ended.stderr.decode()
    assert said.startswith(told)
    assert said.endswith("\n0 pictures upscaled, 1 failed.\n")
    assert said.count("\n") == 2
    assert ended.returncode == 1


def test_without_standard_error_the_picture_is_made_and_nothing_else_written():
    command = f"{sys.executable} -m srgan upscale - -o - 2>&-"
    data = pictures.saved(pictures.photo(2, 2), "PNG")
    made = subprocess.run(
        command, shell=True, cwd=ROOT, input=data, capture_output=True, check=True
    )
    assert made.stdout.startswith(b"\x89PNG")
    assert made.stdout.endswith(b"IEND\xaeB`\x82")


def test_a_reader_that_goes_away_gets_no_traceback():
    ended = subprocess.Popen(
        [sys.executable, "-m", "srgan", "upscale", "-", "-o", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert ended.stdin is not None
    assert ended.stdout is not None
    assert ended.stderr is not None
    ended.stdout.close()
    ended.stdin.write(pictures.saved(pictures.photo(20, 15), "PNG"))
    ended.stdin.close()
    told = ended.stderr.read()
    assert ended.wait() == 1
    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told
