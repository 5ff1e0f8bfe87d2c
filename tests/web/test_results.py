import gc
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from srgan import imaging
from srgan.errors import AnimatedPicture, SrganError
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web import results
from srgan.web.results import OnDisk, Result, Shelf, Source
from srgan.web.wanted import Wanted


def noise(width, height, channels=3):
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), np.uint8)


def source(name="photo.jpg", data=b"", size=(10, 10)):
    return Source(name, data, size, "JPEG", False, b"", b"", 1)


def result(nbytes):
    return Result(OnDisk(bytes(nbytes)), (1, 1), b"", 0.0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_kept_result_has_every_pixel(channels):
    picture = Picture.from_array(noise(13, 7, channels))
    back = results.read_back(Result.of(picture, 1.0).master.read())
    np.testing.assert_array_equal(back.rgb, picture.rgb)
    if picture.alpha is None:
        assert (back.alpha, back.gray) == (None, picture.gray)
    else:
        np.testing.assert_array_equal(back.alpha, picture.alpha)


def test_a_png_is_the_kept_result_itself():
    kept = Result.of(Picture(noise(8, 8)), 1.0)
    assert kept.encoded(Wanted("PNG")) == kept.master.read()


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("JPEG", 80),
        Wanted("WEBP", 80, transparency=False),
        Wanted("PNG", profile=False),
        Wanted("PNG", transparency=False),
    ],
)
def test_other_files_are_encoded_from_the_kept_pixels(wanted):
    picture = Picture.from_array(noise(16, 8, 4))
    assert Result.of(picture, 1.0).encoded(wanted) == wanted.written(picture)


def test_a_kept_result_can_be_read_again_and_again_and_from_many_threads():
    data = bytes(range(256)) * 4000
    kept = OnDisk(data)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: kept.read(), range(32))) == {data}


def test_results_take_no_more_than_their_limit_and_give_it_back(monkeypatch):
    most = results.room.taken + 1000
    monkeypatch.setattr(results, "limits", lambda: Limits(max_result_bytes=most))
    kept = [OnDisk(bytes(400)), OnDisk(bytes(400))]
    results.room.check()
    with pytest.raises(OSError, match="400 more"):
        OnDisk(bytes(400))
    assert results.room.taken == most - 200
    kept.pop()
    kept.append(OnDisk(bytes(599)))
    kept.clear()
    assert results.room.taken == most - 1000


def test_what_cannot_be_written_takes_no_room(monkeypatch):
    def read_only():
        raise OSError("Read-only file system")

    gc.collect()  # results of other tests
    before = results.room.taken
    monkeypatch.setattr("tempfile.TemporaryFile", read_only)
    with pytest.raises(OSError, match="Read-only"):
        OnDisk(bytes(400))
    gc.collect()
    assert results.room.taken == before


def test_a_result_beyond_the_limits_for_strangers_can_still_be_encoded():
    limits = Limits()
    side = limits.max_side + 1
    kept = Result.of(Picture(np.zeros((1, side, 3), np.uint8)), 1.0)
    with pytest.raises(SrganError):
        imaging.decode(kept.master.read(), limits)
    with Image.open(io.BytesIO(kept.encoded(Wanted("JPEG", 80)))) as written:
        assert written.size == (side, 1)


@pytest.mark.parametrize("size", [(1, 1), (1461, 3), (3, 1461), (2920, 1460)])
def test_a_preview_fits_the_screen_and_keeps_its_shape(size):
    seen = imaging.decode(results.preview(Picture(noise(*size))), Limits())
    shrink = min(1, 1460 / max(size))
    assert seen.size == tuple(max(1, round(side * shrink)) for side in size)


def test_an_upload_keeps_bytes_size_and_format():
    data = imaging.encode(Picture(noise(20, 10)), "WEBP")
    read = Source.read("a.webp", data, Limits())
    assert (read.data, read.size, read.format) == (data, (20, 10), "WEBP")
    assert imaging.decode(read.preview, Limits()).size == (20, 10)


def test_an_upload_knows_whether_anything_can_be_seen_through():
    rgb = noise(20, 10)
    opaque = np.full((10, 20), 255, np.uint8)
    holed = opaque.copy()
    holed[3, 3] = 0
    for alpha, transparent in ((None, False), (opaque, False), (holed, True)):
        data = imaging.encode(Picture(rgb, alpha))
        assert Source.read("a.png", data, Limits()).transparent is transparent


def test_an_upload_that_cannot_be_upscaled_is_refused():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(AnimatedPicture):
        Source.read("a.png", out.getvalue(), Limits())


def test_keys_are_equal_only_for_equal_pixels():
    options = Options()
    same = results.key(source("a.jpg", b"1"), options)
    assert same == results.key(source("b.jpg", b"1"), Options())
    others = [
        results.key(source(data=b"2"), options),
        results.key(source(data=b"1"), Options(scale=2)),
        results.key(source(data=b"1"), Options(denoise=0.5)),
        results.key(source(data=b"1"), Options(width=7)),
    ]
    assert len({same, *others}) == 5


@pytest.mark.parametrize(
    ("name", "options", "format", "expected"),
    [
        ("photo.jpg", Options(), "PNG", "photo-4x.png"),
        ("photo.jpg", Options(scale=2), "JPEG", "photo-2x.jpg"),
        ("photo.jpg", Options(width=120), "WEBP", "photo-120px.webp"),
        ("Größe 1.tar.png", Options(), "PNG", "Größe 1.tar-4x.png"),
        ("../../etc/passwd", Options(), "PNG", "passwd-4x.png"),
        ("a\r\nb\x00.png", Options(), "PNG", "ab-4x.png"),
        ("", Options(), "PNG", "picture-4x.png"),
        (".png", Options(), "PNG", ".png-4x.png"),
    ],
)
def test_the_download_is_named_after_the_original(name, options, format, expected):
    assert results.download_name(source(name), options, (120, 90), format) == expected


def test_what_a_format_cannot_hold_is_a_sentence():
    assert results.cannot_write("PNG", (20_000, 10)) is None
    assert "16,383" in (results.cannot_write("WEBP", (20_000, 10)) or "")


def test_the_shelf_drops_the_oldest_but_never_the_newest():
    shelf = Shelf(max_bytes=100)
    for key in "abc":
        shelf.put(key, result(40))
    assert [shelf.get(key) is not None for key in "abc"] == [False, True, True]
    shelf.put("d", result(1000))
    assert [shelf.get(key) is not None for key in "abcd"] == [False, False, False, True]


def test_the_shelf_holds_only_so_many():
    shelf = Shelf(most=2)
    for key in "abc":
        shelf.put(key, result(1))
    assert [shelf.get(key) is not None for key in "abc"] == [False, True, True]


def test_a_result_that_was_looked_at_is_not_the_oldest():
    shelf = Shelf(max_bytes=100)
    shelf.put("a", result(40))
    shelf.put("b", result(40))
    shelf.get("a")
    shelf.put("c", result(40))
    assert [shelf.get(key) is not None for key in "abc"] == [True, False, True]
