import json

import pytest
from PIL import Image

from srgan.cli import main
from srgan.evaluation import machine, speed
from srgan.evaluation.chart import AROUND, NEEDED
from srgan.zoo import load_zoo

COMMAND = ["benchmark", "--rounds", "1", "--threads", "1"]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A picture and a matrix that take no time."""
    whole = speed.measure
    monkeypatch.setattr(speed, "measure", lambda *a, **k: whole(*a, **{**k, "size": (40, 24)}))
    monkeypatch.setattr(machine, "matrix_product_rate", lambda: 50.0)


def test_the_table_names_the_machine_and_every_model(capsys):
    assert main(COMMAND) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "1 threads" in lines[0]
    assert "50 GFLOP/s" in lines[1]
    head, *rows = lines[4:]
    assert "GFLOP/s" in head.split()
    assert [row.split()[:2] for row in rows] == [
        [model, denoising] for model in load_zoo().models() for denoising in ("off", "on")
    ]


def test_json_holds_the_same(capsys):
    model = load_zoo().default
    assert main([*COMMAND, "--json", "--models", model]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["machine"]["gflops"] == 50.0
    assert measured["threads"] == 1
    for entry in measured["models"]:
        assert entry["model"] == model
        whole = entry["native_seconds"] * (1 + entry["pipeline_overhead"])
        assert entry["seconds"] == pytest.approx(whole)


def test_a_chart_is_drawn(tmp_path):
    path = tmp_path / "speed.png"
    assert main([*COMMAND, "--models", load_zoo().default, "--chart", str(path)]) == 0
    with Image.open(path) as chart:
        colours = {colour for _, colour in chart.convert("RGB").getcolors(1 << 20) or []}
    assert {NEEDED, AROUND} <= colours


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere/speed.png", "No such file"), ("speed.what", "unknown file ext")]
)
def test_a_chart_that_cannot_be_written_is_told_behind_the_table(tmp_path, capsys, name, why):
    path = tmp_path / name
    assert main([*COMMAND, "--models", load_zoo().default, "--chart", str(path)]) == 1
    told = capsys.readouterr()
    assert "GFLOP/s" in told.out
    assert f"srgan: {path} cannot be written: {why}" in told.err


def test_no_rounds_and_no_threads_are_refused(capsys):
    assert main(["benchmark", "--rounds", "0"]) == 2
    assert main(["benchmark", "--threads", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err
