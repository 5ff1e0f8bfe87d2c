"""The shipped manifest, and what a damaged one says."""

import json
import shutil

import pytest

from srgan.errors import BadOption, NetworkUnavailable
from srgan.upscaler import Upscaler
from srgan.zoo import load_zoo, models_folder


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(models_folder(), tmp_path / "models")


def test_the_shipped_networks_are_whole():
    zoo = load_zoo()
    assert {"faithful", "faithful-fast"} <= set(zoo.models())
    assert zoo.default in zoo.models()
    for network in zoo.networks.values():
        assert network.read()
        assert network.training_weights().is_file()
        assert network.scale == 4
        assert all(len(stage.split()) > 5 for stage in network.recipe), "words, not letters"
        assert network.recipe
        assert network.benchmark, f"{network.name} was never measured"


def test_an_unknown_model_is_named_with_those_that_exist():
    with pytest.raises(BadOption, match="faithful-fast"):
        load_zoo().model("esrgan")
    with pytest.raises(BadOption, match="no model"):
        load_zoo().model("autoencoder")


def test_a_changed_network_stops_the_start(copy):
    file = copy / "faithful-fast.tflite"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(NetworkUnavailable, match=r"faithful-fast.*damaged"):
        Upscaler(models_dir=copy)


def test_a_missing_network_stops_the_start(copy):
    (copy / "autoencoder.tflite").unlink()
    with pytest.raises(NetworkUnavailable, match=r"autoencoder cannot be read.*SRGAN_MODELS"):
        Upscaler(models_dir=copy)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"default": "a", "networks": {}}'])
def test_a_damaged_manifest_is_a_sentence(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(NetworkUnavailable, match="damaged"):
        load_zoo(copy)


def test_a_file_that_is_no_network_is_a_sentence(copy):
    import hashlib

    (copy / "faithful.tflite").write_bytes(b"no network")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["networks"]["faithful"]["sha256"] = hashlib.sha256(b"no network").hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    upscaler = Upscaler(models_dir=copy)
    with pytest.raises(NetworkUnavailable, match="cannot be used"):
        upscaler.load("faithful")


def test_no_manifest_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("SRGAN_MODELS", str(tmp_path))
    with pytest.raises(NetworkUnavailable, match="SRGAN_MODELS"):
        load_zoo()
