"""The networks in `models/`, and whether what is said of them is true of them."""

import json
from typing import Any

import pytest

from srgan.evaluation import methods
from srgan.evaluation.benchmark_sets import find_sets
from srgan.evaluation.publish import BENCHMARK, CARD, model_card
from srgan.evaluation.scoring import score
from srgan.upscaler import Upscaler
from srgan.zoo import load_zoo

SETS = ("Set5", "Set14", "BSD100", "Words")

# PSNR-Y in dB on these sets, below which a network is not worth shipping.
FLOORS = {
    "faithful": (32.12, 28.6, 27.58, 26.8),
    "faithful-fast": (31.89, 28.43, 27.455, 25.58),
    "detailed": (30.13, 26.92, 25.86, 24.38),
    "detailed-fast": (30.06, 26.85, 25.84, 23.87),
}
PIXEL_LOSS = ["faithful", "faithful-fast"]

# LPIPS on the same sets, above which a network for detail is not.
CEILINGS = {
    "detailed": (0.073, 0.1315, 0.1675, 0.063),
    "detailed-fast": (0.078, 0.136, 0.1735, 0.07),
}
# the same of what denoising makes of noisy JPEGs
CLEANED = {
    "detailed": (0.263, 0.3435, 0.416, 0.3435),
    "detailed-fast": (0.263, 0.3425, 0.4155, 0.348),
}

# dB of PSNR-Y that denoising must bring to degraded inputs, and may cost clean ones.
GAIN, COST = 0.6, 0.004
LPIPS_COST = 0.001  # the most that it may cost clean ones with the models for detail


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return json.loads((load_zoo().folder / BENCHMARK).read_text(encoding="utf-8"))


def test_the_benchmark_was_measured_on_the_networks_that_are_here(measured):
    networks = load_zoo().networks.values()
    assert measured["networks"] == {network.name: network.sha256 for network in networks}


def test_manifest_and_model_card_say_what_was_measured(measured):
    zoo = load_zoo()
    for name in zoo.models():
        rows = {set_name: table[name] for set_name, table in measured["clean"].items()}
        assert zoo.model(name).benchmark == rows
    assert (zoo.folder / CARD).read_text(encoding="utf-8") == model_card(zoo, measured)


@pytest.mark.parametrize("model", CEILINGS)
def test_detail_looks_true_enough(measured, model):
    clean, degraded = measured["clean"], measured["degraded"]
    for set_name, ceiling, cleaned_ceiling in zip(
        SETS, CEILINGS[model], CLEANED[model], strict=True
    ):
        assert clean[set_name][model]["lpips"] <= ceiling
        cleaned = degraded[set_name][model + methods.DENOISED]["lpips"]
        assert cleaned < degraded[set_name][model]["lpips"]
        assert cleaned <= cleaned_ceiling
        spared = clean[set_name][model + methods.DENOISED]["lpips"]
        assert spared <= clean[set_name][model]["lpips"] + LPIPS_COST


@pytest.mark.parametrize("model", FLOORS)
def test_quality_is_above_its_floor(measured, model):
    clean = measured["clean"]
    for set_name, floor in zip(SETS, FLOORS[model], strict=True):
        assert clean[set_name][model]["psnr_y"] >= floor


@pytest.mark.parametrize("model", PIXEL_LOSS)
@pytest.mark.parametrize("set_name", ["Set14", "BSD100"])
def test_denoising_helps_noisy_pictures_and_hardly_harms_clean_ones(measured, model, set_name):
    clean, degraded = measured["clean"][set_name], measured["degraded"][set_name]
    on = model + methods.DENOISED
    assert degraded[on]["psnr_y"] >= degraded[model]["psnr_y"] + GAIN
    assert degraded[on]["psnr_y"] > degraded["bicubic"]["psnr_y"]
    assert clean[on]["psnr_y"] >= clean[model]["psnr_y"] - COST


@pytest.mark.slow
def test_the_fast_model_is_never_worse_than_bicubic_and_as_good_as_published(measured, shared):
    model = "faithful-fast"
    compared = [methods.BICUBIC, next(methods.of_models(Upscaler(), [model]))]
    for benchmark_set in find_sets(shared / "data" / "eval"):
        results = list(score([benchmark_set], compared))
        bicubic, network = (
            {it.picture: it.scores.psnr_y for it in results if it.method == method.name}
            for method in compared
        )
        assert [name for name in network if network[name] < bicubic[name]] == []
        published = measured["clean"][benchmark_set.name][model]["psnr_y"]
        assert sum(network.values()) / len(network) == pytest.approx(published, abs=0.01)
