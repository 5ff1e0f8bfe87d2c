"""Each training stage through the shell, on each backend that is installed."""

import csv
import shutil
import signal
import time

import numpy as np
import pytest

from srgan import cli
from srgan.networks.stored import stored
from srgan.training.checkpoint import load_checkpoint, save_checkpoint
from srgan.training.losses import PIXEL_LOSSES
from tests.training.shell import BACKENDS, options, train, trained


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_stage_runs(backend, data, tmp_path):
    first = tmp_path / "pretrain"
    smooth = ("--smooth-weight", 0.01)
    trained("pretrain", *options(data, first, 2), *smooth, backend=backend)
    for name in ("best.weights.h5", "last.weights.h5", "log.csv", "loss.png", "crops.png"):
        assert (first / name).stat().st_size > 0
    row = _last_row(first)
    assert row["step"] == "2"
    assert float(row["psnr_y"]) > 20
    _expect_both_terms(row)
    generator = f"compact={first / 'last.weights.h5'}"
    second = tmp_path / "autoencoder"
    given = ("--generator", generator, *options(data, second, 2), *smooth, "--clean-share", 0.5)
    trained("autoencoder", *given, "--loss", "psnr-luma", backend=backend)
    assert (second / "best.weights.h5").stat().st_size > 0
    _expect_both_terms(_last_row(second), "psnr-luma")


@pytest.mark.parametrize("backend", BACKENDS)
def test_either_form_is_trained_from_either_form(backend, data, tmp_path):
    """Floats to bytes, bytes to bytes, and back to floats; an autoencoder on what bytes make."""
    start = tmp_path / "floats"
    trained("pretrain", *options(data, start, 2), backend=backend)
    for name, form in (("first", ["--int8"]), ("second", ["--int8"]), ("back", [])):
        run = tmp_path / name
        weights = ("--weights", start / "last.weights.h5")
        trained("pretrain", *options(data, run, 2), *form, *weights, backend=backend)
        assert float(_last_row(run)["psnr_y"]) > 20
        form_made, _ = stored("compact", run / "last.weights.h5")
        assert form_made == ("compact-int8" if form else "compact")
        start = run
    generator = ("--generator", f"compact={tmp_path / 'second' / 'last.weights.h5'}")
    trained(
        *("autoencoder", *options(data, tmp_path / "cleaner", 2), *generator, "--int8"),
        backend=backend,
    )


def test_the_papers_network_has_no_8_bit_form(data, tmp_path, capsys):
    given = [*options(data, tmp_path / "run", 1), "--network", "paper", "--int8"]
    assert cli.main(["train", "pretrain", *map(str, given)]) == 2
    assert "no --int8 form" in capsys.readouterr().err


def _last_row(run):
    with open(run / "log.csv", newline="") as file:
        return list(csv.DictReader(file))[-1]


def _expect_both_terms(row, loss="l1"):
    assert float(row["smooth"]) > 0
    whole = float(row[loss]) + 0.01 * float(row["smooth"])
    assert float(row["loss"]) == pytest.approx(whole, rel=1e-3)


def test_of_decibels_every_patch_counts_alike():
    """Ten times the squared error is 10 dB more, in a patch with much of it as in one with little;
    a fraction of a level is next to nothing."""
    truth = np.full((2, 8, 8, 3), 100, np.float32)
    off = np.array([4.0, 40.0], np.float32)

    def loss(errors):
        return float(PIXEL_LOSSES["psnr"](truth, truth + errors[:, None, None, None]))

    decibels = 10 * np.log10(off**2)
    assert loss(off) == pytest.approx(decibels.mean(), abs=0.2)
    for more in ([10**0.5, 1], [1, 10**0.5]):
        assert loss(off * np.array(more, np.float32)) - loss(off) == pytest.approx(5, abs=0.2)
    assert loss(0 * off) == 0
    assert loss(0 * off + 0.1) < 0.05


def test_brightness_counts_for_more_than_colour():
    truth = np.random.default_rng(0).uniform(50, 200, (2, 8, 8, 3)).astype(np.float32)

    def losses(error):
        result = truth + np.array(error, np.float32)
        return [float(PIXEL_LOSSES[name](truth, result)) for name in ("psnr", "psnr-luma")]

    both, luma = losses([12, 12, 12])  # a gray error: the same
    assert luma == pytest.approx(both, rel=1e-3)
    # of one brightness (BT.601: 65.481, 128.553 and 24.966 parts): a tenth of its square
    both, luma = losses([40, -40 * 65.481 / 128.553, 0])
    assert luma == pytest.approx(both - 10, abs=0.1)
    # green's whole error is PSNR-Y's but for a tenth of a third of it
    share = (128.553 / 219) ** 2
    both, luma = losses([0, 30, 0])
    assert luma == pytest.approx(10 * np.log10(900 * (0.9 * share + 0.1 / 3)), abs=0.1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_resumed_run_equals_an_unbroken_one(backend, data, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    trained("pretrain", *options(data, whole, 6), backend=backend)
    # the schedule is that of six steps; the run is interrupted after the third
    process = train("pretrain", *options(data, broken, 6), "--stop-after", 3, backend=backend)
    process.communicate(timeout=600)
    assert load_checkpoint(broken / "checkpoint")[1]["step"] == 3
    trained("pretrain", *options(data, broken, 6), "--resume", backend=backend)
    one, facts_one = load_checkpoint(whole / "checkpoint")
    two, facts_two = load_checkpoint(broken / "checkpoint")
    assert facts_one["step"] == facts_two["step"] == 6
    assert one.keys() == two.keys()
    for name in one:
        for a, b in zip(one[name], two[name], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_ctrl_c_saves_first(data, tmp_path):
    output = tmp_path / "run"
    process = train("pretrain", *options(data, output, 100_000))
    log = output / "log.csv"
    for _ in range(600):
        if log.exists() or process.poll() is not None:
            break
        time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert "saved" in err
    assert load_checkpoint(output / "checkpoint")[1]["step"] > 0


def test_missing_data_is_a_sentence(tmp_path):
    process = train("pretrain", *options(tmp_path, tmp_path / "out", 1))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "no pictures in" in err
    assert "Traceback" not in err


def test_what_validates_is_not_trained_on(data, tmp_path, capsys, monkeypatch):
    photos = shutil.copytree(data, tmp_path / "photos")
    held_out = photos / "valid"
    held_out.mkdir()
    (photos / "0.png").rename(held_out / "0.png")
    given: dict[str, list] = {}

    def taken(_args, _mixture, training, validation, _settings):
        given.update(training=training, validation=validation)

    monkeypatch.setattr("srgan.commands.train._stage", taken)
    run = [*map(str, options(photos, tmp_path / "out", 1)), "--validation"]
    assert cli.main(["train", "pretrain", *run, str(held_out)]) == 0
    assert [pair.name for pair in given["training"]] == ["1.png", "2.png"]
    assert [pair.name for pair in given["validation"]] == ["0.png"]
    assert cli.main(["train", "pretrain", *run, str(photos)]) == 2
    assert "none are left to train on" in capsys.readouterr().err


def test_pictures_smaller_than_a_patch_are_a_sentence(data, tmp_path):
    process = train("pretrain", *options(data, tmp_path / "out", 1, patch=320))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "No training picture is at least 320 pixels wide and high" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("stage", "option"),
    [
        ("autoencoder", "--clean-share"),
        ("pretrain", "--reduced-share"),
        ("pretrain", "--upcycled-share"),
        ("pretrain", "--lettering-share"),
    ],
)
def test_a_share_above_all_is_refused(tmp_path, capsys, stage, option):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--generator", "compact=x"]
    taught = ["--teacher", "compact=x*0"] if stage == "pretrain" else []
    fonts = ["--fonts", str(tmp_path)] if option == "--lettering-share" else []
    assert cli.main(["train", stage, *run, *taught, *fonts, option, "1.5"]) == 2
    assert f"{option} is a share from 0 to 1, not 1.5" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "number", "sentence"),
    [
        ("--steps", "0", "above 0, not 0"),
        ("--minutes", "0", "above 0, not 0.0"),
        ("--minutes", "nan", "above 0, not nan"),
        ("--batch", "0", "above 0, not 0"),
        ("--learning-rate", "0", "above 0, not 0.0"),
        ("--validation-pictures", "0", "above 0, not 0"),
        ("--patch", "0", "above 0, not 0"),
        ("--patch", "2", "a multiple of 4, not 2"),
        ("--patch", "50", "a multiple of 4, not 50"),
        ("--ema", "1", "from 0 to below 1, not 1.0"),
        ("--ema", "1.5", "from 0 to below 1, not 1.5"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(tmp_path, capsys, option, number, sentence):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--steps", "1"]
    assert cli.main(["train", "pretrain", *run, option, number]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"srgan: {option} is ")
    assert sentence in said


@pytest.mark.parametrize("given", [("--lettering-share", "0.25"), ("--fonts", "fonts")])
def test_words_are_drawn_in_fonts(tmp_path, capsys, given):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out")]
    assert cli.main(["train", "pretrain", *run, *given]) == 2
    assert "--lettering-share and --fonts go together" in capsys.readouterr().err


def test_fonts_are_looked_for_before_pictures(tmp_path, capsys):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out")]
    words = ["--lettering-share", "0.25", "--fonts", str(tmp_path / "none")]
    assert cli.main(["train", "pretrain", *run, *words]) == 2
    assert "There are no fonts with Latin letters in" in capsys.readouterr().err


def test_lessons_are_not_made_smaller(tmp_path, capsys):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--reduced-share", "0.5"]
    assert cli.main(["train", "pretrain", *run, "--teacher", "compact=x"]) == 2
    assert "no lessons for pictures made smaller" in capsys.readouterr().err


@pytest.mark.parametrize(
    "option", [("--teacher", "compact"), ("--teacher", "big=x"), ("--teacher", "compact=x*much")]
)
def test_a_teacher_that_is_not_named_is_a_sentence(option, tmp_path, capsys):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--steps", "1"]
    assert cli.main(["train", "pretrain", *run, *option]) == 2
    assert "A trained generator is named as compact=FILE" in capsys.readouterr().err


def test_a_teacher_teaches_at_most_everything_and_only_pretraining(tmp_path, capsys):
    run = ["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--steps", "1"]
    assert cli.main(["train", "pretrain", *run, "--teacher", "compact=x*1.5"]) == 2
    assert "from 0 to 1" in capsys.readouterr().err
    taught = ("--generator", "compact=x", "--teacher", "compact=x")
    assert cli.main(["train", "autoencoder", *run, *taught]) == 2
    assert "Only the pretrain stage learns from a --teacher" in capsys.readouterr().err


def test_checkpoints_are_replaced_whole(tmp_path):
    arrays: dict[str, list[np.ndarray]] = {"a": [np.arange(5), np.ones((3, 2))], "b": []}
    folder = tmp_path / "checkpoint"
    save_checkpoint(folder, arrays, {"step": 1})
    save_checkpoint(folder, arrays, {"step": 2})
    groups, facts = load_checkpoint(folder)
    assert facts["step"] == 2
    np.testing.assert_array_equal(groups["a"][0], np.arange(5))
    assert groups["b"] == []
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]
    # cut off between the two renames: the old one is still found
    folder.rename(tmp_path / "checkpoint.old")
    assert load_checkpoint(folder)[1]["step"] == 2


def test_large_checkpoints_come_in_parts(tmp_path):
    arrays = {"a": [np.zeros(2_000_000, np.float32) for _ in range(4)]}
    save_checkpoint(tmp_path / "c", arrays, {})
    assert len(list((tmp_path / "c").glob("part-*.npz"))) == 4
    assert len(load_checkpoint(tmp_path / "c")[0]["a"]) == 4
