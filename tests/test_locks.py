"""The locked environments."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-serve.txt", "requirements-batch.txt")


def pins(lock: str) -> dict[str, list[str]]:
    """Each requirement (name, version, marker) and its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            pin, *hashes = line.split(" --hash=")
            found[pin.strip()] = sorted(it.strip() for it in hashes)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock):
    for pin, hashes in pins(lock).items():
        assert re.match(r"[\w.-]+==", pin)
        assert hashes, pin


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock):
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_serving_is_a_part_of_the_whole_version_by_version():
    assert pins(LOCKS[1]).items() <= pins(LOCKS[0]).items()


def test_serving_goes_without_what_only_training_needs():
    served = {pin.partition("==")[0] for pin in pins(LOCKS[1])}
    assert not served & {"tensorflow", "tensorflow-cpu", "keras", "torch", "jax", "pytest"}
    assert {"streamlit", "ai-edge-litert", "numpy", "pillow", "opencv-python-headless"} <= served
