"""Rows read out of a TIFF are those of the same picture decoded whole."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

pytest.importorskip("imagecodecs", reason="needs the extra `batch`: make test-batch")
tifffile = pytest.importorskip("tifffile")

from srgan.errors import BrokenPicture  # noqa: E402
from srgan.imaging import decode  # noqa: E402
from srgan.limits import Limits  # noqa: E402
from srgan.scale_out import banded_tiff  # noqa: E402
from tests.photos import photograph  # noqa: E402

WIDTH, HEIGHT = 100, 90
DEEP = photograph(WIDTH, HEIGHT).astype(np.uint16) * 257 - 77
PHOTO = photograph(WIDTH, HEIGHT)


def by_tifffile(pixels: np.ndarray, **options: object) -> bytes:
    buffer = BytesIO()
    photometric = "rgb" if pixels.ndim == 3 else "minisblack"
    tifffile.imwrite(buffer, pixels, **{"photometric": photometric, "metadata": None, **options})
    return buffer.getvalue()


def by_pillow(image: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "TIFF", **options)
    return buffer.getvalue()


FILES = {
    "one strip": by_tifffile(PHOTO),
    "strips": by_tifffile(PHOTO, rowsperstrip=7),
    "strips, deflate, predictor": by_tifffile(
        PHOTO, rowsperstrip=7, compression="adobe_deflate", predictor=True
    ),
    "strips, LZW": by_pillow(Image.fromarray(PHOTO), compression="tiff_lzw"),
    "packbits": by_pillow(Image.fromarray(PHOTO), compression="packbits"),
    "tiles": by_tifffile(PHOTO, tile=(32, 48)),
    "tiles, LZW, big TIFF": by_tifffile(PHOTO, tile=(16, 32), compression="lzw", bigtiff=True),
    "big endian": by_tifffile(PHOTO, byteorder=">", rowsperstrip=9),
    "gray": by_tifffile(PHOTO[:, :, 0], rowsperstrip=5),
    "gray, white is zero": by_tifffile(PHOTO[:, :, 0], photometric="miniswhite", rowsperstrip=5),
    "16 bits": by_tifffile(DEEP, rowsperstrip=11),
    "16 bits, big endian, one strip": by_tifffile(DEEP, byteorder=">"),
    "gray of 16 bits": by_tifffile(DEEP[:, :, 0], tile=(32, 32)),
    "gray of 16 bits, white is zero": by_tifffile(DEEP[:, :, 0], photometric="miniswhite"),
    "with a profile": by_pillow(
        Image.fromarray(PHOTO),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_bands_are_the_rows_of_the_whole(name):
    whole = decode(FILES[name], Limits())
    assert banded_tiff.size_of(BytesIO(FILES[name])) == whole.size
    assert banded_tiff.why_not(BytesIO(FILES[name])) is None
    for top, bottom in [(0, HEIGHT), (0, 1), (13, 45), (HEIGHT - 3, HEIGHT)]:
        band = banded_tiff.read_band(BytesIO(FILES[name]), top, bottom)
        assert band.gray == whole.gray
        np.testing.assert_array_equal(band.rgb, whole.rgb[top:bottom])


UNUSUAL = {
    "transparency": by_pillow(Image.fromarray(PHOTO).convert("RGBA")),
    "palette": by_pillow(Image.fromarray(PHOTO).quantize(16)),
    "CMYK": by_pillow(Image.fromarray(PHOTO).convert("CMYK")),
    "bits": by_pillow(Image.fromarray(PHOTO).convert("1")),
    "planes apart": by_tifffile(np.moveaxis(PHOTO, 2, 0), planarconfig="separate"),
    "floating point": by_tifffile(PHOTO.astype(np.float32)),
    "two pages": by_tifffile(np.stack([PHOTO, PHOTO])),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_other_kinds_are_named_by_a_sentence(name):
    reason = banded_tiff.why_not(BytesIO(UNUSUAL[name]))
    assert reason is not None
    assert reason.endswith(".")


def test_a_picture_stored_turned_is_not_read_in_bands():
    turned = by_tifffile(PHOTO, extratags=[(274, "H", 1, 6)])
    assert "turned" in (banded_tiff.why_not(BytesIO(turned)) or "")
    assert banded_tiff.size_of(BytesIO(turned)) == (HEIGHT, WIDTH)


@pytest.mark.parametrize("name", ["strips", "strips, LZW", "one strip"])
def test_a_file_that_was_cut_off_is_told(name):
    data = FILES[name]
    with pytest.raises(BrokenPicture):
        banded_tiff.read_band(BytesIO(data[: len(data) // 2]), 0, HEIGHT)
