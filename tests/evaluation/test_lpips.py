from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan.errors import NetworkUnavailable
from srgan.evaluation.lpips import WEIGHTS_VARIABLE, Lpips, _convolve, _max_pool, weights_file


@pytest.fixture(scope="module")
def lpips(shared: Path) -> Lpips:
    weights = shared / "perceptual" / "lpips_alex.npz"
    if not weights.is_file():
        pytest.skip(f"the weights of LPIPS are not on this machine (no {weights})")
    return Lpips(weights)


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_a_convolution_is_what_its_definition_says():
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(7, 9, 2)), rng.normal(size=(3, 3, 2, 4))
    padded = np.zeros((9, 11, 2))
    padded[1:-1, 1:-1] = x
    expected = np.array(
        [
            [np.tensordot(padded[i : i + 3, j : j + 3], kernel, axes=3) for j in range(0, 9, 2)]
            for i in range(0, 7, 2)
        ]
    )
    assert np.allclose(_convolve(x, kernel, stride=2, padding=1), expected)


def test_pooling_keeps_the_largest_of_each_window_that_fits():
    x = np.arange(6 * 7, dtype=float).reshape(6, 7, 1)
    assert _max_pool(x)[..., 0].tolist() == [[16, 18, 20], [30, 32, 34]]


def test_equal_pictures_have_no_distance_and_order_does_not_matter(lpips):
    a, b = noise(0, 40, 56, 3), np.full((40, 56, 3), 128, np.uint8)
    assert lpips(a, a) == 0
    assert lpips(a, b) == pytest.approx(lpips(b, a))
    assert lpips(a, b) > 0.1


def test_different_or_tiny_sizes_are_refused(lpips):
    with pytest.raises(ValueError, match="equal sizes"):
        lpips(noise(0, 40, 40, 3), noise(0, 40, 44, 3))
    with pytest.raises(ValueError, match="from 32"):
        lpips(noise(0, 31, 40, 3), noise(0, 31, 40, 3))


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("Set5", 0.3407),
        pytest.param("Set14", 0.4393, marks=pytest.mark.slow),
        pytest.param("BSD100", 0.5249, marks=pytest.mark.slow),
    ],
)
def test_bicubic_scores_as_published(lpips, shared, name, published):
    """Published for MATLAB's bicubic, uncropped; Pillow's differs from it along the edges only."""
    folder = shared / "data" / "eval" / name
    scores = []
    for file in sorted((folder / "HR").iterdir()):
        truth = Image.open(file).convert("RGB")
        small = Image.open(folder / "LR" / file.name).convert("RGB")
        bicubic = small.resize(truth.size, Image.Resampling.BICUBIC)
        scores.append(lpips(np.asarray(bicubic), np.asarray(truth)))
    assert np.mean(scores) == pytest.approx(published, abs=0.0015)


@pytest.mark.parametrize("content", [None, b"", b"no zip file", b"PK\3\4 broken"])
def test_weights_that_are_none_are_named(tmp_path, content):
    file = tmp_path / "weights.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NetworkUnavailable, match=r"weights\.npz"):
        Lpips(file)


def test_other_arrays_are_no_weights(tmp_path):
    np.savez(tmp_path / "weights.npz", something=np.zeros(3))
    with pytest.raises(NetworkUnavailable):
        Lpips(tmp_path / "weights.npz")


def test_the_option_goes_before_the_environment(monkeypatch):
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    assert weights_file(None) is None
    monkeypatch.setenv(WEIGHTS_VARIABLE, "there.npz")
    assert weights_file(None) == Path("there.npz")
    assert weights_file("here.npz") == Path("here.npz")
