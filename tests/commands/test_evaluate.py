import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srgan.cli import main
from srgan.evaluation.patterns import patterns
from srgan.evaluation.publish import BENCHMARK, CARD, model_card
from srgan.evaluation.speed import Speed
from srgan.zoo import load_zoo, models_folder

SCORES = {"psnr_y", "ssim_y", "lpips"}


@pytest.fixture(autouse=True)
def no_weights_by_default(monkeypatch):
    monkeypatch.delenv("SRGAN_LPIPS_WEIGHTS", raising=False)


@pytest.fixture
def lpips_weights(tmp_path) -> Path:
    """LPIPS's five layers with a few maps each."""
    rng = np.random.default_rng(0)
    maps = [3, 4, 5, 6, 5, 4]
    sides = [11, 5, 3, 3, 3]
    arrays: dict[str, Any] = {}
    for i, side in enumerate(sides):
        kernel = rng.normal(0, 0.1, (side, side, maps[i], maps[i + 1]))
        arrays[f"conv{i + 1}_kernel"] = kernel.astype(np.float32)
        arrays[f"conv{i + 1}_bias"] = np.full(maps[i + 1], 0.1, np.float32)
        arrays[f"lin{i}"] = np.ones(maps[i + 1], np.float32)
    np.savez(tmp_path / "lpips.npz", **arrays)
    return tmp_path / "lpips.npz"


@pytest.fixture
def zoo_copy(tmp_path, monkeypatch) -> Path:
    """The shipped zoo, in a place where it may be changed."""
    folder = tmp_path / "zoo"
    shutil.copytree(models_folder(), folder)
    monkeypatch.setenv("SRGAN_MODELS", str(folder))
    return folder


def test_every_model_is_compared_with_bicubic_with_denoising_off_and_on(make_set, capsys):
    assert main(["evaluate", "--data", str(make_set("tiny", pictures=1))]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = ["bicubic"]
    for model in load_zoo().models():
        expected += [model, f"{model}, denoised"]
    labels = [line[: line.index("  ")] for line in lines if "no weights" in line]
    assert labels == expected
    assert lines[1] == "clean inputs:"
    assert "--lpips" in lines[-1]


def test_json_holds_every_picture(make_set, tmp_path):
    model = load_zoo().default
    file = tmp_path / "results.json"
    data = str(make_set("tiny", pictures=2))
    assert main(["evaluate", "--data", data, "--models", model, "--json", str(file)]) == 0
    rows = json.loads(file.read_text())["clean"]["tiny"]
    assert list(rows) == ["bicubic", model, f"{model}, denoised"]
    assert rows[model]["pictures"].keys() == {"p0", "p1"}
    assert rows[model]["mean"].keys() == SCORES


def test_degraded_inputs_are_named_and_score_worse(make_set, tmp_path, capsys):
    model = load_zoo().default
    data = str(make_set("tiny", pictures=1))
    scores = {}
    for condition, options in {"clean": [], "degraded": ["--degrade"]}.items():
        file = tmp_path / f"{condition}.json"
        command = ["evaluate", "--data", data, "--models", model, "--json", str(file), *options]
        assert main(command) == 0
        scores[condition] = json.loads(file.read_text())[condition]["tiny"]["bicubic"]["mean"]
    assert scores["degraded"]["psnr_y"] < scores["clean"]["psnr_y"]
    assert "noise of sigma 10" in capsys.readouterr().out


def test_lpips_is_measured_with_the_weights_named(make_set, lpips_weights, capsys):
    data = str(make_set("tiny", pictures=1))
    model = load_zoo().default
    assert main(["evaluate", "--data", data, "--models", model, "--lpips", str(lpips_weights)]) == 0
    assert "no weights" not in capsys.readouterr().out


SPEED = {
    "machine": {"processor": "Some CPU"},
    "threads": 2,
    "size": [1000, 750],
    "rounds": 3,
    "models": [
        asdict(
            Speed(
                model="faithful",
                denoise=denoise,
                window=(384, 384),
                seconds=3.25,
                native_seconds=3.0,
                seconds_per_megapixel=4.5,
                halo_overhead=0.07,
                pipeline_overhead=0.08,
                gflops=100.0,
                matrix_gflops=120.0,
                peak_bytes=400_000_000,
                extra_bytes=300_000_000,
                ready_seconds=0.1,
                tensorflow_ratio=None,
            )
        )
        for denoise in (False, True)
    ],
}


def test_plots_and_sheets_are_drawn(make_set, tmp_path, monkeypatch):
    small = list(patterns(64))
    monkeypatch.setattr("srgan.evaluation.sheets.patterns", lambda: small)
    data, out = make_set("tiny", pictures=1), tmp_path / "out"
    (tmp_path / "speed.json").write_text(json.dumps(SPEED))
    command = ["evaluate", "--data", str(data), "--models", load_zoo().default]
    command += ["--plots", str(out), "--speed", str(tmp_path / "speed.json")]
    photos = data / "tiny" / "HR"
    command += ["--sheets", str(out), "--show", str(photos), str(photos / "p0.png")]
    assert main(command) == 0
    assert sorted(it.name for it in out.iterdir()) == [
        "HR.png",
        "Words.png",
        "patterns.png",
        "pictures.png",
        "quality-clean.png",
        "tiny.png",
    ]
    assert main([*command, "--degrade"]) == 0
    assert (out / "tiny-degraded.png").is_file()


def test_a_card_tells_speed_where_it_was_measured_and_who_cleans_whom():
    zoo = load_zoo()
    measured = json.loads((zoo.folder / BENCHMARK).read_text())
    without = model_card(zoo, {**measured, "speed": None})
    card = model_card(zoo, {**measured, "speed": SPEED})
    assert "Some CPU, 2 threads" in card
    assert "| faithful, denoised | 3.2 | 4.5 | 400 MB |" in card
    assert "Some CPU" not in without
    for name in zoo.models():
        assert f"| `{name}` | {zoo.model(name).summary} | `{zoo.model(name).autoencoder}` |" in card
    assert "| RLFN | 32.10 / 0.176" in card


def test_the_manifest_and_the_card_are_written_from_what_was_measured(
    make_set, lpips_weights, zoo_copy
):
    data = str(make_set("tiny", pictures=1))
    command = ["evaluate", "--data", data, "--lpips", str(lpips_weights), "--update-manifest"]
    assert main(command) == 0
    measured = json.loads((zoo_copy / BENCHMARK).read_text())
    zoo = load_zoo(zoo_copy)
    for name in zoo.models():
        benchmark = zoo.model(name).benchmark
        assert benchmark["tiny"] == measured["clean"]["tiny"][name]
        assert benchmark["tiny"].keys() == SCORES
        assert measured["networks"][name] == zoo.model(name).sha256
    assert measured["degraded"]["tiny"]["bicubic"] != measured["clean"]["tiny"]["bicubic"]
    card = (zoo_copy / CARD).read_text()
    assert card == model_card(zoo, measured)
    assert f"{measured['clean']['tiny']['bicubic']['psnr_y']:.2f} / " in card
    for number, stage in enumerate(zoo.model(zoo.default).recipe, 1):
        assert f"\n{number}. {stage}\n" in card


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--update-manifest", "--degrade"], "goes without"),
        (["--update-manifest"], "name its weights"),
        (["--models", "nonsense"], "no model 'nonsense'"),
        (["--show", "somewhere"], "--sheets"),
        (["--speed", "somewhere"], "benchmark --json"),
    ],
)
def test_what_makes_no_sense_is_said(make_set, capsys, options, complaint):
    assert main(["evaluate", "--data", str(make_set("tiny")), *options]) == 2
    assert complaint in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(make_set, tmp_path, capsys):
    data = str(make_set("tiny", pictures=1))
    target = str(tmp_path / "nowhere" / "file.json")
    assert main(["evaluate", "--data", data, "--json", target]) == 1
    assert target in capsys.readouterr().err
