"""The pipeline on the shipped networks."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srgan import tiling
from srgan.errors import (
    BadOption,
    BrokenPicture,
    Cancelled,
    NotEnoughMemory,
    PictureTooLarge,
)
from srgan.imaging import Picture, encode
from srgan.imaging.hidden import fill_hidden
from srgan.limits import Limits
from srgan.upscaler import Options, Progress, Upscaler
from tests.photos import gradient, photograph

pytestmark = pytest.mark.usefixtures("cleaned_in_full")


@pytest.fixture(scope="module")
def upscaler():
    return Upscaler()


@pytest.fixture(params=Upscaler().zoo.models())
def model(request):
    return request.param


@pytest.fixture
def by_the_networks(monkeypatch):
    """Also pictures of two colours, which need none: parts of photographs are as even as they."""
    monkeypatch.setattr("srgan.bilevel.is_bilevel", lambda _: False)


def _cut_small(upscaler, monkeypatch, window=40):
    """Make pictures of test size need several windows."""
    for name, network in list(upscaler.zoo.networks.items()):
        monkeypatch.setitem(upscaler.zoo.networks, name, replace(network, window=window))


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (13, 17), (31, 24)])
@pytest.mark.parametrize("denoise", [0, 0.5, 1])
def test_any_size_becomes_four_times_it(upscaler, model, size, denoise):
    result = upscaler.upscale(photograph(*size), Options(model=model, denoise=denoise))
    assert result.size == (size[0] * 4, size[1] * 4)
    assert result.rgb.dtype == np.uint8


def test_the_result_is_the_picture(upscaler, model):
    """Reduced to its old size, the result is what went in."""
    photo = photograph(96, 64)
    large = upscaler.upscale(photo, Options(model=model)).rgb
    back = np.asarray(Image.fromarray(large).resize((96, 64), Image.Resampling.BICUBIC))
    assert np.abs(back.astype(int) - photo).mean() < 4
    assert np.abs(back.mean((0, 1)) - photo.mean((0, 1))).max() < 1, "a colour cast"


@pytest.mark.parametrize("level", [0, 3, 128, 255])
@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.usefixtures("by_the_networks")
def test_flat_stays_flat(upscaler, model, level, denoise):
    flat = np.full((24, 24, 3), level, np.uint8)
    result = upscaler.upscale(flat, Options(model=model, denoise=denoise)).rgb
    inner = result[24:-24, 24:-24].astype(int)  # beyond what zero padding at the border changes
    assert np.abs(inner - level).max() <= 2
    assert inner.max() - inner.min() <= 2, "a checkerboard"


@pytest.mark.parametrize("colour", [(0, 102, 0), (0, 102, 102), (0, 0, 102), (255, 0, 102)])
@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.usefixtures("by_the_networks")
def test_saturated_colours_stay(upscaler, model, colour, denoise):
    """Of a logo or a product on even ground the eye sees a cast first."""
    even = np.broadcast_to(np.array(colour, np.uint8), (24, 24, 3))
    result = upscaler.upscale(even, Options(model=model, denoise=denoise)).rgb[24:-24, 24:-24]
    cleaner = denoise and upscaler.zoo.model(model).autoencoder
    # levels: autoencoder had 3 before even colours were among what it was trained on
    most = 3 if cleaner == "autoencoder-detailed" else 1
    assert np.abs(result.astype(int) - colour).max() <= most


@pytest.mark.parametrize("colour", [(255, 255, 255), (250, 240, 230), (0, 0, 0)])
@pytest.mark.parametrize("denoise", [0, 1])
@pytest.mark.usefixtures("by_the_networks")
def test_even_borders_stay_even(upscaler, model, colour, denoise):
    """What is on white has no dark frame, whatever the networks make of the zeros beyond it."""
    even = np.broadcast_to(np.array(colour, np.uint8), (40, 40, 3))
    result = upscaler.upscale(even, Options(model=model, denoise=denoise)).rgb
    far = np.abs(result.astype(int) - colour).max(2)
    assert far.max() <= 4, "at the corners"
    assert max(far[20:-20].max(), far[:, 20:-20].max()) <= 2, "along the edges"


@pytest.mark.usefixtures("by_the_networks")
def test_straight_edges_have_no_dots(upscaler, model):
    """What does not change along an edge does not change along it in the result either."""
    random = np.random.default_rng(3)
    spreads = []
    for width in (1, 2, 4, 40) * 3:
        colours = random.integers(0, 256, (2, 3))
        inside = np.arange(32) - 15 + random.random()
        share = np.clip(np.minimum(inside, width - inside), 0, 1)
        row = np.rint(colours[0] + share[:, None] * (colours[1] - colours[0])).astype(np.uint8)
        upright = np.broadcast_to(row, (32, 32, 3))
        for across in (0, 1):
            picture = np.ascontiguousarray(upright.swapaxes(0, across))
            result = upscaler.upscale(picture, Options(model=model)).rgb.swapaxes(0, across)
            spreads.append(np.ptp(result[48:80].astype(int), axis=0))
    # levels: the detailed networks had 1.1 before bars were among their smooth patches
    assert np.mean(spreads) <= 0.8


def test_sources_are_equal(upscaler, tmp_path):
    photo = photograph(20, 12)
    data = encode(Picture(photo), "PNG")
    path = tmp_path / "photo.png"
    path.write_bytes(data)
    wanted = upscaler.upscale(photo).rgb
    for source in (Picture(photo), data, bytearray(data), memoryview(data), path, str(path)):
        np.testing.assert_array_equal(upscaler.upscale(source).rgb, wanted)


@pytest.mark.parametrize("source", [None, [[1, 2]], Image.new("P", (3, 3))])
def test_what_is_no_picture_is_a_sentence(upscaler, source):
    with pytest.raises(BadOption, match="given as its file's path or bytes, or as an array"):
        upscaler.upscale(source)


def test_a_missing_file_is_a_sentence(upscaler, tmp_path):
    with pytest.raises(BrokenPicture, match=r"none\.png cannot be read"):
        upscaler.upscale(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (Options(scale=1), (30, 21)),
        (Options(scale=2), (60, 42)),
        (Options(scale=3), (90, 63)),
        (Options(scale=2.5), (75, 53)),
        (Options(width=100), (100, 70)),
        (Options(width=120), (120, 84)),
        (Options(width=1), (1, 1)),
    ],
)
def test_other_sizes(upscaler, options, size):
    assert upscaler.output_size((30, 21), options) == size
    assert upscaler.upscale(photograph(30, 21), options).size == size


@pytest.mark.parametrize(
    "bad", [{"denoise": 1.1}, {"denoise": float("nan")}, {"scale": 5}, {"scale": 0}, {"width": 0}]
)
def test_options_out_of_range(bad):
    with pytest.raises(BadOption):
        Options(**bad)


def test_half_a_pixel_is_no_width():
    with pytest.raises(BadOption, match=r"whole pixels, not 10\.5"):
        Options(width=10.5)  # type: ignore[arg-type]
    assert Options(width=np.int64(7)).width == 7  # type: ignore[arg-type]


def test_wider_than_four_times_is_refused(upscaler):
    with pytest.raises(BadOption, match="at most 120 pixels"):
        upscaler.upscale(photograph(30, 21), Options(width=121))


def test_denoise_strength_blends(upscaler):
    photo = photograph(40, 30)
    off, half, full = (
        upscaler.upscale(photo, Options(denoise=d)).rgb.astype(float) for d in (0, 0.5, 1)
    )
    assert np.abs(half - (off + full) / 2).max() <= 1.01


def test_gray_stays_gray(upscaler, model):
    gray = photograph(30, 20)[:, :, 1]
    result = upscaler.upscale(gray, Options(model=model, denoise=1))
    assert result.gray
    assert (result.rgb == result.rgb[:, :, :1]).all()


@pytest.mark.parametrize("denoise", [0, 0.5, 1])
def test_black_and_white_in_colour_gets_no_colours(upscaler, model, denoise):
    """As scanners and telephones keep such photographs: three equal channels, not one."""
    gray = photograph(30, 20)[:, :, 1]
    options = Options(model=model, denoise=denoise)
    result = upscaler.upscale(np.repeat(gray[:, :, np.newaxis], 3, axis=2), options)
    assert not result.gray, "a picture in colour stays one"
    np.testing.assert_array_equal(result.rgb, upscaler.upscale(gray, options).rgb)


@pytest.mark.parametrize("denoise", [0, 1])
def test_gray_beside_colours_stays_gray_in_every_window(upscaler, model, monkeypatch, denoise):
    photo = photograph(150, 70)
    photo[:, 60:130] = photo[:, 60:130, :1]
    options = Options(model=model, denoise=denoise)
    _cut_small(upscaler, monkeypatch)
    rgb = upscaler.upscale(photo, options).rgb.astype(int)
    chroma = rgb.max(2) - rgb.min(2)
    assert chroma[:, 62 * 4 : 128 * 4].max() == 0
    assert chroma[:, : 60 * 4].mean() > 5, "the colours are gone"
    assert chroma[:, 130 * 4 :].mean() > 5, "the colours are gone"


def test_a_constant_alpha_is_copied(upscaler):
    photo = photograph(20, 12)
    alpha = np.full((12, 20), 128, np.uint8)
    progress: list[Progress] = []
    result = upscaler.upscale(Picture(photo, alpha), on_progress=progress.append)
    assert (result.alpha == 128).all()
    assert progress[-1].tiles_total == 1


@pytest.mark.usefixtures("by_the_networks")
def test_transparency_goes_through_the_network(upscaler):
    photo = photograph(40, 40)
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:, 20:] = 255
    result = upscaler.upscale(Picture(photo, alpha))
    assert result.alpha is not None
    assert (result.alpha[:, :70] < 12).all()
    assert (result.alpha[:, 90:] > 243).all()
    # a network's edge is steeper than a bilinear one, which takes four pixels
    row = result.alpha[80].astype(int)
    assert np.abs(np.diff(row)).max() > 64


@pytest.mark.usefixtures("by_the_networks")
def test_hidden_colours_do_not_show(upscaler):
    """A white disc on transparent black has no dark rim."""
    y, x = np.mgrid[0:40, 0:40]
    inside = (y - 20) ** 2 + (x - 20) ** 2 < 150
    rgb = np.where(inside[:, :, None], 255, 0).astype(np.uint8).repeat(3, axis=2)
    result = upscaler.upscale(Picture(rgb, inside.astype(np.uint8) * 255))
    assert result.alpha is not None
    assert result.rgb[result.alpha > 10].min() > 235


@pytest.mark.parametrize("gray", [False, True])
def test_whoever_runs_the_windows_gets_the_same_bytes(upscaler, model, monkeypatch, gray):
    """Plan, run and merge by hand, alpha too, on another upscaler with another thread count."""
    _cut_small(upscaler, monkeypatch)
    other = Upscaler(threads=1)
    options = Options(model=model, denoise=0.5)
    photo = photograph(70, 50)
    picture = Picture(photo[:, :, :1].repeat(3, 2) if gray else photo, photo[:, :, 1], gray=gray)
    wanted = upscaler.upscale(picture, options)
    assert wanted.alpha is not None
    assert picture.alpha is not None
    plan = upscaler.plan(picture.size, options)
    rgb = np.zeros_like(wanted.rgb)
    alpha = np.zeros((*wanted.rgb.shape[:2], 1), np.uint8)
    for tile in plan:
        window = tiling.cut(fill_hidden(picture.rgb, picture.alpha), tile, plan.window)
        tiling.merge(rgb, tile, other.run_window(window, options, gray=gray), 4)
        window = tiling.cut(picture.alpha[:, :, None].repeat(3, 2), tile, plan.window)
        opaque = other.run_window(window, Options(model=model), gray=True)
        tiling.merge(alpha, tile, opaque, 4)
    np.testing.assert_array_equal(rgb, wanted.rgb)
    np.testing.assert_array_equal(alpha[:, :, 0], wanted.alpha)


def test_progress_counts_every_tile(upscaler, monkeypatch):
    _cut_small(upscaler, monkeypatch)
    seen: list[Progress] = []
    upscaler.upscale(gradient(90, 50), on_progress=seen.append)
    total = len(upscaler.plan((90, 50), Options()))
    assert total > 3
    assert [p.tiles_done for p in seen] == list(range(total + 1))
    assert {p.tiles_total for p in seen} == {total}
    assert seen[0].seconds_left is None
    assert seen[-1].seconds_left == 0
    assert all(p.seconds_left and p.seconds_left > 0 for p in seen[1:-1])


def test_cancel_stops_before_the_next_tile(upscaler, monkeypatch):
    _cut_small(upscaler, monkeypatch)
    cancel = threading.Event()
    seen = []

    def stop_after_two(progress):
        seen.append(progress.tiles_done)
        if progress.tiles_done == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        upscaler.upscale(gradient(90, 50), on_progress=stop_after_two, cancel=cancel)
    assert seen == [0, 1, 2]
    assert upscaler.upscale(gradient(9, 5)).size == (36, 20), "it still works"


def test_too_large_an_array_is_refused():
    small = Upscaler(limits=Limits(max_pixels=100, max_side=50))
    with pytest.raises(PictureTooLarge, match="11 × 10"):
        small.upscale(np.zeros((10, 11, 3), np.uint8))
    with pytest.raises(PictureTooLarge):
        small.upscale(np.zeros((1, 51, 3), np.uint8))


class Cramped:
    """An engine that has no memory for more pixels at a time."""

    def __init__(self, engine, most, batch=1):
        self.engine, self.most, self.batch, self.refused = engine, most, batch, 0

    def run(self, network, windows):
        lr = windows[..., 0].size // (16 if network.kind == "autoencoder" else 1)
        if lr > self.most:
            self.refused += 1
            raise NotEnoughMemory("full")
        return self.engine.run(network, windows)


@pytest.mark.parametrize("denoise", [0, 0.5])
def test_without_memory_it_goes_on_in_smaller_windows(upscaler, monkeypatch, denoise):
    photo = photograph(110, 70)
    options = Options(denoise=denoise)
    whole = upscaler.upscale(photo, options).rgb.astype(int)
    cramped = Cramped(upscaler._engine, 70 * 50)
    monkeypatch.setattr(upscaler, "_engine", cramped)
    parts = upscaler.upscale(photo, options).rgb.astype(int)
    assert cramped.refused
    assert np.abs(parts - whole).max() <= 2


def test_without_memory_for_a_batch_it_goes_on_one_by_one(upscaler, monkeypatch):
    _cut_small(upscaler, monkeypatch)
    photo = photograph(90, 50)
    wanted = upscaler.upscale(photo).rgb
    cramped = Cramped(upscaler._engine, 40 * 40, batch=4)
    monkeypatch.setattr(upscaler, "_engine", cramped)
    np.testing.assert_array_equal(upscaler.upscale(photo).rgb, wanted)
    assert cramped.refused


def test_without_any_memory_it_says_so(upscaler, monkeypatch):
    monkeypatch.setattr(upscaler, "_engine", Cramped(upscaler._engine, 100))
    with pytest.raises(NotEnoughMemory, match="not enough memory even for a small part"):
        upscaler.upscale(photograph(110, 70))
    with pytest.raises(NotEnoughMemory, match="not enough memory"):
        upscaler.upscale(photograph(20, 20))


def test_threads_do_not_mix_pictures(upscaler, monkeypatch):
    _cut_small(upscaler, monkeypatch)
    pictures = [photograph(53, 40), gradient(45, 51)]
    wanted = [upscaler.upscale(p).rgb for p in pictures]
    results: list = [None] * 8

    def work(number):
        results[number] = upscaler.upscale(pictures[number % 2]).rgb

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, result in enumerate(results):
        np.testing.assert_array_equal(result, wanted[number % 2])
