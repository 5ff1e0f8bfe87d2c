"""Parts of any heights make the file that the whole would make."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("imagecodecs", reason="needs the extra `batch`: make test-batch")
tifffile = pytest.importorskip("tifffile")

from srgan.scale_out import tiled_tiff  # noqa: E402


def parts_of(pixels: np.ndarray, cuts: list[int]) -> tuple[list[bytes], list[tuple[int, int]]]:
    spans = list(pairwise([0, *sorted(cuts), len(pixels)]))
    parts = [b"".join(tiled_tiff.part(pixels[a:b], a, len(pixels))) for a, b in spans]
    return parts, spans


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 900),
    st.integers(1, 300),
    st.sampled_from([1, 3]),
    st.sets(st.integers(1, 899), max_size=6),
)
def test_tiles_are_those_of_the_whole_however_it_is_cut(height, width, channels, cuts):
    rng = np.random.default_rng(height)
    pixels = rng.integers(0, 4, (height, width, channels), np.uint8)
    whole, spans = parts_of(pixels, [])
    wanted = list(tiled_tiff.tiles(map(BytesIO, whole), spans, pixels.shape))
    parts, spans = parts_of(pixels, [cut for cut in cuts if cut < height])
    assert list(tiled_tiff.tiles(map(BytesIO, parts), spans, pixels.shape)) == wanted


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_file_holds_the_pixels(tmp_path, channels):
    pixels = np.random.default_rng(1).integers(0, 256, (600, 300, channels), np.uint8)
    parts, spans = parts_of(pixels, [100, 130, 520])
    path = tmp_path / "a.tif"
    tiled_tiff.write(path, tiled_tiff.tiles(map(BytesIO, parts), spans, pixels.shape), pixels.shape)
    with Image.open(path) as image:
        assert image.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        np.testing.assert_array_equal(np.asarray(image).reshape(pixels.shape), pixels)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff
        assert tiff.pages.first.is_tiled


def test_a_part_that_is_cut_off_is_told():
    pixels = np.zeros((300, 40, 3), np.uint8)
    (part,), spans = parts_of(pixels, [])
    with pytest.raises(EOFError):
        list(tiled_tiff.tiles([BytesIO(part[:-5])], spans, pixels.shape))
