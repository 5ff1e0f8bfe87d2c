"""PNGs written in stripes: other programs read what was written."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from srgan.imaging import png_writing
from srgan.imaging.png_writing import FOR_DRAWINGS, FOR_PHOTOGRAPHS, png
from tests.photos import photograph

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data))
    image.verify()  # the checksum of every chunk
    image = Image.open(io.BytesIO(data))
    pixels = np.asarray(image)
    assert image.mode == MODES[1 if pixels.ndim == 2 else pixels.shape[2]]
    return pixels.reshape(*pixels.shape[:2], -1)


@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    channels=st.sampled_from(sorted(MODES)),
    stripe=st.integers(1, 500),
    band=st.integers(1, 200),
    levels=st.sampled_from([1, 2, 3, 255]),
    way=st.sampled_from([FOR_DRAWINGS, FOR_PHOTOGRAPHS]),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_read_is_what_was_written(size, channels, stripe, band, levels, way, seed):
    pixels = np.random.default_rng(seed).integers(0, levels + 1, (*size, channels), np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(png_writing, "_STRIPE_BYTES", stripe)
        patch.setattr(png_writing, "_BAND_BYTES", band)
        data = png(pixels, way)
    np.testing.assert_array_equal(read(data), pixels)


def test_stripes_cost_next_to_nothing(monkeypatch):
    pixels = np.asarray(Image.fromarray(photograph(256, 192)).resize((1600, 1200)))
    striped = png(pixels, FOR_PHOTOGRAPHS)
    monkeypatch.setattr(png_writing, "_STRIPE_BYTES", pixels.nbytes * 2)
    whole = png(pixels, FOR_PHOTOGRAPHS)
    assert len(whole) != len(striped) < 1.01 * len(whole)
    np.testing.assert_array_equal(read(striped), read(whole))


def test_the_cores_do_not_show(monkeypatch):
    pixels = photograph(900, 700)
    one_core = png(pixels, FOR_PHOTOGRAPHS)
    monkeypatch.setattr(png_writing, "cores", lambda: 7)
    assert png(pixels, FOR_PHOTOGRAPHS) == one_core


def test_the_whole_is_one_zlib_stream_with_its_checksum():
    pixels = photograph(700, 900)
    data, position, content = png(pixels, FOR_DRAWINGS), len(png_writing.SIGNATURE), b""
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] == b"IDAT":
            content += data[position + 8 : position + 8 + length]
        position += 12 + length
    rest = zlib.decompressobj()
    assert len(rest.decompress(content)) == 900 * (1 + 3 * 700)  # raises for a wrong checksum
    assert rest.eof
    assert rest.unused_data == b""
