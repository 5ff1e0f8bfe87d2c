"""From training weights to a zoo that serves."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from srgan.cli import main
from srgan.networks import autoencoder, compact_generator, generator
from srgan.networks.stored import stored
from srgan.training.calibration import in_floats
from srgan.upscaler import Options, Upscaler
from srgan.zoo import load_zoo, models_folder
from tests.photos import photograph


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(models_folder(), tmp_path / "models")


def _export(folder, *arguments):
    return main(["export", *arguments, "--models", str(folder)])


@pytest.mark.slow
@pytest.mark.parametrize("name", load_zoo().networks)
def test_the_shipped_networks_come_from_the_shipped_weights(folder, name):
    """Exported again they make the same picture, and what is known of them stays."""
    before = load_zoo(folder).networks[name]
    (folder / before.file).write_bytes(b"")
    assert _export(folder, name) == 0
    after = load_zoo(folder).networks[name]
    assert (after.recipe, after.benchmark) == (before.recipe, before.benchmark)
    assert (after.tail, after.weights_sha256) == (before.tail, before.weights_sha256)
    photo = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    networks = load_zoo(folder).networks.values()
    model = next(
        n.name for n in networks if n.kind == "generator" and name in (n.name, n.autoencoder)
    )
    options = Options(model=model, denoise=1)
    shipped = Upscaler(threads=1).upscale(photo, options).rgb.astype(int)
    again = Upscaler(threads=1, models_dir=folder).upscale(photo, options).rgb.astype(int)
    assert np.abs(shipped - again).max() <= 1


def test_other_weights_need_words(folder, capsys):
    other = folder / "weights" / "faithful-fast.weights.h5"
    other.write_bytes(other.read_bytes() + b"\0")
    assert _export(folder, "faithful-fast", str(other)) == 2
    assert "--recipe" in capsys.readouterr().err


def test_a_recipe_is_told_stage_by_stage(folder):
    other = folder / "weights" / "faithful.weights.h5"
    other = shutil.copyfile(other, folder / "other.weights.h5")
    before = load_zoo(folder).networks["detailed"].recipe
    assert _export(folder, "detailed", str(other), "--then", "and more") == 0
    assert load_zoo(folder).networks["detailed"].recipe == (*before, "and more")
    assert _export(folder, "detailed") == 0
    assert load_zoo(folder).networks["detailed"].recipe == (*before, "and more")
    assert _export(folder, "detailed", str(other), "--recipe", "one", "--recipe", "two") == 0
    assert load_zoo(folder).networks["detailed"].recipe == ("one", "two")


@pytest.mark.parametrize("form", ["compact", "compact-int8"])
def test_weights_can_be_mixed(folder, form):
    """Those of either form with those of the zoo, which has the 8-bit one."""
    weights = folder / "weights"
    shipped_form, model = stored("compact", weights / "faithful-fast.weights.h5")
    assert shipped_form == "compact-int8"
    if form == "compact":
        model = in_floats("compact", model)
    shipped = model.get_weights()
    model.set_weights([array + 1 for array in shipped])
    model.save_weights(folder / "other.weights.h5")
    toward = f"{weights / 'faithful-fast.weights.h5'}*0.75"
    named = ("detailed-fast", str(folder / "other.weights.h5"))
    assert _export(folder, *named, "--recipe", "mixed", "--toward", toward) == 0
    made = load_zoo(folder).networks["detailed-fast"]
    assert (made.architecture, made.recipe, made.benchmark) == (form, ("mixed",), {})
    model.load_weights(made.training_weights())
    for mixed, array in zip(model.get_weights(), shipped, strict=True):
        np.testing.assert_allclose(mixed, array + 0.25, rtol=1e-5, atol=1e-6)


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number, size in enumerate([(300, 200), (160, 240)]):
        Image.fromarray(photograph(*size)).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")  # which is skipped
    return folder


@pytest.mark.parametrize(
    ("name", "build"), [("faithful-fast", compact_generator), ("autoencoder", autoencoder)]
)
def test_a_network_can_be_exported_in_its_8_bit_form(name, build, folder, photographs, capsys):
    plain = build()
    plain.save_weights(folder / "plain.weights.h5")
    given = (name, str(folder / "plain.weights.h5"), "--recipe", "a network of floats")
    assert _export(folder, *given) == 0
    large = load_zoo(folder).networks[name]
    options = Options(model="faithful-fast", denoise=1)
    before = Upscaler(threads=1, models_dir=folder).upscale(photograph(60, 40), options).rgb
    assert _export(folder, *given, "--int8", str(photographs)) == 0
    small = load_zoo(folder).networks[name]
    assert (large.architecture + "-int8", large.multiply_adds) == (
        small.architecture,
        small.multiply_adds,
    )
    after = Upscaler(threads=1, models_dir=folder).upscale(photograph(60, 40), options).rgb
    assert np.abs(before.astype(int) - after).max() <= 1
    # it is known again by its weights
    assert _export(folder, name) == 0
    assert load_zoo(folder).networks[name].architecture == small.architecture
    again = ("--then", "in bytes twice", "--int8", str(photographs))
    assert _export(folder, name, *again) == 2
    assert "8-bit form already" in capsys.readouterr().err


def test_there_must_be_pictures_for_the_8_bit_form(folder, tmp_path, capsys):
    compact_generator().save_weights(folder / "plain.weights.h5")
    given = ("faithful-fast", str(folder / "plain.weights.h5"), "--recipe", "a network of floats")
    assert _export(folder, *given, "--int8", str(tmp_path / "nowhere")) == 2
    assert "no pictures" in capsys.readouterr().err
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert _export(folder, *given, "--int8", str(tmp_path)) == 2
    said = capsys.readouterr().err
    assert "skipped broken.png" in said
    assert "that can be read" in said
    assert _export(folder, "faithful", "--then", "in bytes", "--int8", str(tmp_path)) == 2
    assert "no 8-bit form of paper" in capsys.readouterr().err


def test_half_a_file_of_weights_is_refused(folder, capsys):
    whole = (folder / "weights" / "faithful-fast.weights.h5").read_bytes()
    (folder / "half.weights.h5").write_bytes(whole[: len(whole) // 2])
    given = ("faithful-fast", str(folder / "half.weights.h5"), "--recipe", "half")
    assert _export(folder, *given) == 1
    assert "does not hold the weights" in capsys.readouterr().err


def test_a_restless_network_can_be_levelled(folder):
    _, model = stored("compact", folder / "weights" / "faithful-fast.weights.h5")
    tail = model.get_layer("tail_conv")
    kernel, bias = tail.get_weights()
    tail.set_weights([kernel, bias + np.random.default_rng(0).normal(0, 0.05, 48)])
    enlarge = model.get_layer("enlarge")
    enlarge.set_weights([enlarge.get_weights()[0] * 0.95])
    _is_levelled(folder, "detailed-fast", model)


def test_the_papers_network_can_be_levelled_too(folder):
    model = generator()
    model.load_weights(load_zoo().model("faithful").training_weights())
    tail = model.get_layer("tail_conv")
    kernel, bias = tail.get_weights()
    tail.set_weights([kernel * 0.95, np.add(bias, [0.02, -0.02, 0.05])])
    _is_levelled(folder, "detailed", model)


def test_batch_norm_goes_into_what_is_served(folder):
    model = generator(batch_norm=True)
    norm = model.get_layer("body_conv_norm")
    norm.set_weights([array + 1 for array in norm.get_weights()])
    model.save_weights(folder / "normalised.weights.h5")
    named = ("detailed", str(folder / "normalised.weights.h5"), "--recipe", "the paper's blocks")
    assert _export(folder, *named) == 0
    served = generator()
    served.load_weights(load_zoo(folder).model("detailed").training_weights())
    photo = photograph(24, 16)
    expected = model.predict_on_batch(photo[None].astype(np.float32))[0]
    np.testing.assert_allclose(
        served.predict_on_batch(photo[None].astype(np.float32))[0], expected, atol=0.1
    )
    made = Upscaler(threads=1, models_dir=folder).upscale(photo, Options(model="detailed")).rgb
    assert np.abs(made - expected.clip(0, 255)).max() < 2


def _is_levelled(folder, name, spoilt):
    spoilt.save_weights(folder / "spoilt.weights.h5")
    named = (name, str(folder / "spoilt.weights.h5"), "--recipe", "levelled")
    assert _export(folder, *named) == 0
    assert max(_unevenness(folder, name)) > 5
    assert _export(folder, *named, "--level") == 0
    assert max(_unevenness(folder, name)) <= 1


def _unevenness(folder, model):
    """By how much flat pictures of two levels change, in levels, their borders left out."""
    upscaler = Upscaler(threads=1, models_dir=folder)
    for level in (20, 210):
        flat = np.full((32, 32, 3), level, np.uint8)
        made = upscaler.run_window(flat, Options(model=model))[40:-40, 40:-40]
        yield np.abs(made.astype(int) - level).max()


@pytest.mark.parametrize("toward", ["no-file*0.5", "*", "{}", "{}*1.5"])
def test_what_to_mix_is_a_file_and_a_share(toward, folder, capsys):
    toward = toward.format(folder / "weights" / "faithful-fast.weights.h5")
    assert _export(folder, "faithful-fast", "--recipe", "mixed", "--toward", toward) == 2
    assert "--toward" in capsys.readouterr().err


def test_networks_for_detail_are_cleaned_by_their_own_autoencoder_where_there_is_one(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["networks"]["autoencoder-detailed"]
    for network in manifest["networks"].values():
        network["autoencoder"] = None
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert _export(folder, "autoencoder") == 0
    assert set(_cleaners(folder).values()) == {"autoencoder"}
    weights = load_zoo(folder).networks["autoencoder"].training_weights()
    assert _export(folder, "autoencoder-detailed", str(weights), "--recipe", "for detail") == 0
    assert _cleaners(folder) == {
        "faithful": "autoencoder",
        "faithful-fast": "autoencoder",
        "detailed": "autoencoder-detailed",
        "detailed-fast": "autoencoder-detailed",
    }


def _cleaners(folder):
    zoo = load_zoo(folder)
    return {name: zoo.model(name).autoencoder for name in zoo.models()}


def test_weights_must_be_there(folder, capsys):
    before = json.loads((folder / "manifest.json").read_text())
    (folder / "weights" / "detailed.weights.h5").unlink()
    assert _export(folder, "detailed", "--recipe", "none") == 2
    assert "there is no file" in capsys.readouterr().err
    assert json.loads((folder / "manifest.json").read_text()) == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("detailed.weights.h5", "does not hold the weights of this network"), ("best.h5", ".weights")],
)
def test_weights_of_something_else_are_refused(folder, tmp_path, capsys, name, sentence):
    before = json.loads((folder / "manifest.json").read_text())
    wrong = shutil.copyfile(folder / "weights" / "detailed.weights.h5", tmp_path / name)
    given = ["faithful-fast", str(wrong), "--recipe", "none"]
    assert _export(folder, *given) == 1
    assert sentence in capsys.readouterr().err
    given = ["faithful-fast", "--then", "mixed", "--toward", f"{wrong}*0.5"]
    assert _export(folder, *given) == 1
    assert sentence in capsys.readouterr().err
    assert json.loads((folder / "manifest.json").read_text()) == before
