from types import SimpleNamespace
from typing import Any

from srgan.web import offered
from srgan.zoo import load_zoo


def zoo(**networks):
    """Name, with _ for -: multiply-adds, and the PSNR and LPIPS on one set."""
    known = {}
    for name, (work, *measured) in networks.items():
        name = name.replace("_", "-")
        rows = {"Set5": dict(zip(("psnr_y", "lpips"), measured, strict=False))} if measured else {}
        known[name] = SimpleNamespace(name=name, multiply_adds=work, benchmark=rows)
    fake: Any = SimpleNamespace(models=lambda: list(known), model=known.__getitem__)
    return fake


def test_four_models_are_two_families_each_with_the_quick_one_first():
    four = zoo(
        faithful=(6, 32.0, 0.18),
        faithful_fast=(1, 31.5, 0.19),
        detailed_fast=(1, 29.0, 0.11),
        detailed=(6, 28.9, 0.09),
    )
    assert offered.families(four) == {
        "faithful": ["faithful-fast", "faithful"],
        "detailed": ["detailed-fast", "detailed"],
    }


def test_a_slower_model_that_is_better_in_nothing_is_left_out():
    two = zoo(faithful=(6, 31.0, 0.19), faithful_fast=(1, 31.5, 0.18))
    assert offered.families(two) == {"faithful": ["faithful-fast"]}


def test_better_in_one_measure_is_better_in_something():
    two = zoo(detailed=(6, 28.0, 0.10), detailed_fast=(1, 28.5, 0.11))
    assert offered.families(two) == {"detailed": ["detailed-fast", "detailed"]}


def test_what_was_not_measured_is_offered():
    two = zoo(faithful=(6,), faithful_fast=(1, 31.5, 0.18))
    assert offered.families(two) == {"faithful": ["faithful-fast", "faithful"]}


def test_one_model_is_a_family():
    assert offered.families(zoo(faithful=(6,))) == {"faithful": ["faithful"]}


def test_the_default_of_the_shipped_models_is_offered():
    shipped = load_zoo()
    assert shipped.default in offered.families(shipped)[offered.family(shipped.default)]
