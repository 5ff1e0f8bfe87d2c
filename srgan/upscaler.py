"""The way of a picture: windows, generator, autoencoder, one uint8 result."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from numbers import Integral
from pathlib import Path

import numpy as np

from srgan import bilevel, cleanness, tiling
from srgan.errors import (
    BadOption,
    BrokenPicture,
    Cancelled,
    NotEnoughMemory,
    PictureTooLarge,
)
from srgan.imaging import Picture, decode, resize
from srgan.imaging.hidden import fill_hidden
from srgan.inference import Engine, make_engine
from srgan.limits import Limits, limits
from srgan.litert import tail_plan
from srgan.neutral import gray_around, keep_gray
from srgan.tone import Tone, keep_tone, tone_of
from srgan.zoo import Network, Zoo, load_zoo


@dataclass(frozen=True)
class Options:
    """What to do with a picture. Raises BadOption for values out of range.

    model: a name from `srgan.models()`; None is the zoo's default.
    denoise: strength of the autoencoder from 0 (off) to 1. Pictures that have nothing to clean stay
        as they are.
    scale: how many times wider and higher, 1 to 4. Below 4, the 4x result is reduced (Lanczos).
    width: the result's width in pixels instead of `scale`, at most 4 times the picture's.
    """

    model: str | None = None
    denoise: float = 0.0
    scale: float = 4
    width: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.denoise <= 1:
            raise BadOption(f"The denoise strength must be from 0 to 1, not {self.denoise}.")
        if not 1 <= self.scale <= 4:
            raise BadOption(f"The scale must be from 1 to 4, not {self.scale}.")
        if self.width is not None and (not isinstance(self.width, Integral) or self.width < 1):
            raise BadOption(f"The width must be a number of whole pixels, not {self.width}.")


@dataclass(frozen=True)
class Progress:
    """How far one upscale is; `seconds_left` is None until a tile has been timed."""

    tiles_done: int
    tiles_total: int
    seconds: float
    seconds_left: float | None


# LR pixels that are cleaned at a time: not quite half of the largest windows, to save memory,
# but windows that are no larger than that in whole.
_CLEANED = 384 * 225
# LR pixels of context for a part: at its edge no pixel of a gradient is more than 1 level off then;
# 2 with 7, and 3 by an earlier network.
_CLEANING_HALO = 8
_SMALLEST = 48  # LR pixels: where not even such a window fits, halving it again would not help

Source = Picture | np.ndarray | str | Path | bytes | bytearray | memoryview
OnProgress = Callable[[Progress], None]


class Upscaler:
    """Upscales pictures; safe to use from several threads, which then take turns tile by tile.

    engine: "litert" or "tensorflow" (default: SRGAN_ENGINE, else litert), or one that is there.
    threads: for the networks' arithmetic (default: all cores).
    models_dir: the folder with the manifest (default: the one that is shipped).

    Raises NetworkUnavailable if the manifest or a network's file is missing or damaged: now, not
    at the first picture.
    """

    def __init__(
        self,
        *,
        engine: str | Engine | None = None,
        threads: int | None = None,
        limits: Limits | None = None,
        models_dir: str | Path | None = None,
    ):
        self.zoo: Zoo = load_zoo(models_dir if models_dir is None else Path(models_dir))
        for network in self.zoo.networks.values():
            network.read()
        self._limits = limits
        self._engine: Engine = (
            make_engine(engine, threads) if engine is None or isinstance(engine, str) else engine
        )

    @property
    def limits(self) -> Limits:
        """The limits in force: the ones given, else the process's own."""
        return self._limits or limits()

    def load(self, model: str | None = None) -> None:
        """Make `model` (default: all) and what cleans it ready, so that no picture waits for it.

        Raises BadOption for an unknown model and NetworkUnavailable for an unusable one.
        """
        names = self.zoo.models() if model is None else [model]
        for network in map(self.zoo.model, names):
            self._engine.load(network)
            autoencoder = self.zoo.autoencoder_for(network)
            if autoencoder is not None:
                for needed in (autoencoder, *self._judges(network, autoencoder)):
                    self._engine.load(needed)

    def output_size(self, size: tuple[int, int], options: Options) -> tuple[int, int]:
        """The (width, height) that a picture of (width, height) `size` becomes.

        Raises BadOption if `options.width` is more than the model can reach.
        """
        width, height = size
        if options.width is not None:
            most = width * self._network(options).scale
            if options.width > most:
                raise BadOption(
                    f"The result can be at most {most} pixels wide, 4 times the picture's "
                    f"{width}, not {options.width}."
                )
            return options.width, max(1, math.floor(height * options.width / width + 0.5))
        return math.floor(width * options.scale + 0.5), math.floor(height * options.scale + 0.5)

    def plan(self, size: tuple[int, int], options: Options) -> tiling.Plan:
        """The windows that a picture of (width, height) `size` is cut into."""
        network, autoencoder = self._networks(options)
        largest = min(network.window, autoencoder.window if autoencoder else network.window)
        return tiling.plan_tiles(size, (largest, largest), _halo(network, autoencoder))

    def overhead(self, size: tuple[int, int], options: Options) -> float:
        """Arithmetic done twice for windows' and parts' context, as a share of what is needed.

        For a picture of (width, height) `size`, in multiply-adds of all networks, as LiteRT runs
        them: 0.1 is 10% extra.
        """
        plan = self.plan(size, options)
        network, autoencoder = self._networks(options)
        needed = done = float(network.multiply_adds)
        if network.tail is not None:
            done += network.tail.multiply_adds * tail_plan(network.tail, plan.window).overhead
        if autoencoder is not None:
            parts = _cleaning_plan(plan.window, network, autoencoder)
            needed += autoencoder.multiply_adds
            done += autoencoder.multiply_adds * (1 + parts.overhead)
        return (1 + plan.overhead) * done / needed - 1

    def upscale(
        self,
        source: Source,
        options: Options | None = None,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        part_of: Picture | None = None,
    ) -> Picture:
        """Upscale a picture, an array (see `Picture.from_array`), a file's path or its bytes.

        `on_progress` is called before the first tile and after each; setting `cancel` ends the
        work before the next tile with Cancelled. `part_of` is the picture that this one was cut
        from, if it is to become what it becomes in that. Raises any of `srgan.errors`.
        """
        options = options or Options()
        picture = self._picture(source)
        target = self.output_size(picture.size, options)
        plan = self.plan(picture.size, options)
        scale = self._network(options).scale
        rgb, alpha = _visible(picture), picture.alpha
        whole, whole_alpha = rgb, alpha
        if part_of is not None:
            whole, whole_alpha = _visible(part_of), part_of.alpha
        drawn = bilevel.is_bilevel(whole)
        cut_out = whole_alpha is not None and bilevel.is_bilevel(whole_alpha[:, :, np.newaxis])
        layers = (not drawn) + (alpha is not None and not cut_out)
        clock = _Clock(max(1, len(plan) * layers), on_progress, cancel)

        def through(
            pixels: np.ndarray, options: Options, channels: int, gray: bool, tone: Tone | None
        ) -> np.ndarray:
            result = np.empty((plan.size[1] * scale, plan.size[0] * scale, channels), np.uint8)
            tiles = clock.watched(plan)
            for tile, made in self.run_tiles(
                pixels, tiles, plan.window, options, gray=gray, tone=tone
            ):
                tiling.merge(result, tile, made, scale)
                del made  # before the next is made
                clock.tick()
            return result

        if drawn:
            upscaled = bilevel.enlarge(rgb, scale)
        else:
            fitted, tone = self.fitted(cleanness.look(whole), options)
            upscaled = through(rgb, fitted, 3, picture.gray, tone)
        upscaled_alpha = None
        if alpha is not None and cut_out:
            upscaled_alpha = bilevel.enlarge(alpha[:, :, np.newaxis], scale)[:, :, 0]
        elif alpha is not None:
            levels = np.broadcast_to(alpha[:, :, np.newaxis], picture.rgb.shape)
            upscaled_alpha = through(levels, replace(options, denoise=0), 1, True, None)[:, :, 0]
        if not layers:
            clock.tick()
        result = Picture(upscaled, upscaled_alpha, picture.format, picture.gray)
        return result if result.size == target else resize(result, target)

    def fitted(self, places: np.ndarray, options: Options) -> tuple[Options, Tone | None]:
        """What `run_window` and `run_tiles` are to be given for a picture.

        It has these `cleanness.look`. The options are `options` with the denoising that it needs,
        the tone is its `tone_of`. Raises BadOption for an unknown model, NetworkUnavailable and
        NotEnoughMemory.
        """
        network, autoencoder = self._networks(options)
        if autoencoder is not None:
            share = cleanness.share(self._change(places, *self._judges(network, autoencoder)))
            options = replace(options, denoise=share * options.denoise)
        return options, tone_of(places, options.denoise)

    def needs_denoising(self, source: Source) -> bool:
        """Whether a picture has noise or JPEG's errors all over that show in what is made of it.

        The zoo's default model tells. Takes what `upscale` takes, and as long as a few small
        windows do. Raises any of `srgan.errors`.
        """
        return self.needs_denoising_at(cleanness.look(_visible(self._picture(source))))

    def needs_denoising_at(self, places: np.ndarray) -> bool:
        """`needs_denoising` of a picture that has these `cleanness.look`."""
        network, autoencoder = self._networks(Options(denoise=1))
        if autoencoder is None or cleanness.is_drawn(places) or bilevel.is_bilevel(places):
            return False
        return self._change(places, network, autoencoder) >= cleanness.VISIBLE

    def run_tiles(
        self,
        pixels: np.ndarray,
        tiles: Iterable[tiling.Tile],
        window: tuple[int, int],
        options: Options,
        *,
        gray: bool = False,
        tone: Tone | None = None,
    ) -> Iterator[tuple[tiling.Tile, np.ndarray]]:
        """`run_window` for the windows of `tiles`, as many at a time as the engine is best given.

        `pixels` is uint8 (H, W, 3), `window` the (width, height) of all of them. Gives each tile
        with what `tiling.merge` takes for it.
        """
        coming = iter(tiles)
        while group := tuple(islice(coming, self._engine.batch)):
            windows = np.stack([tiling.cut(pixels, tile, window) for tile in group])
            yield from zip(group, self._windows(windows, options, gray, tone), strict=True)

    def run_window(
        self,
        window: np.ndarray,
        options: Options,
        *,
        gray: bool = False,
        tone: Tone | None = None,
    ) -> np.ndarray:
        """All that happens to one window: generator, autoencoder, strength, colours, rounding.

        uint8 (H, W, 3) -> uint8 (scale·H, scale·W, 3), or (scale·H, scale·W, 1) for a `gray`
        picture; `options` and `tone` are taken literally: `fitted` tells them of a picture.
        `options.scale` and `options.width` do not matter. The same window gives the same
        bytes whatever picture it is cut from and whoever runs it, so that a cluster that runs
        the windows of `plan` and merges them (`srgan.tiling.merge`) makes what `upscale` makes.
        Transparency goes through as a gray picture without denoising: alpha three times, behind
        one another. Raises BadOption for an unknown model and NetworkUnavailable.
        """
        return self._windows(window[np.newaxis], options, gray, tone)[0]

    def _windows(
        self, windows: np.ndarray, options: Options, gray: bool, tone: Tone | None
    ) -> np.ndarray:
        """`run_window` for several of one shape, in smaller ones where memory does not suffice."""
        try:
            return self._at_once(windows, options, gray, tone)
        except (NotEnoughMemory, MemoryError) as error:
            if len(windows) > 1:
                alone = (self._windows(it[np.newaxis], options, gray, tone) for it in windows)
                return np.concatenate(list(alone))
            height, width = windows.shape[1:3]
            network, autoencoder = self._networks(options)
            halo = _halo(network, autoencoder)
            half = (max(width, height) + 1) // 2 + halo
            if half <= max(_SMALLEST, 2 * halo) or half >= max(width, height):
                raise NotEnoughMemory(
                    "There is not enough memory even for a small part of the picture. Please "
                    "close other programs and try again."
                ) from error
            plan = tiling.plan_tiles((width, height), (half, half), halo)
            scale = network.scale
            result = np.empty((height * scale, width * scale, 1 if gray else 3), np.uint8)
            for tile in plan:
                part = tiling.cut(windows[0], tile, plan.window)[np.newaxis]
                tiling.merge(result, tile, self._windows(part, options, gray, tone)[0], scale)
            return result[np.newaxis]

    def _at_once(
        self, windows: np.ndarray, options: Options, gray: bool, tone: Tone | None
    ) -> np.ndarray:
        network, autoencoder = self._networks(options)
        enlarged = self._engine.run(network, windows.astype(np.float32))
        if autoencoder is None:
            return _levels(enlarged, windows, gray, tone)
        scale = network.scale
        levels = np.empty((*enlarged.shape[:3], 1 if gray else 3), np.uint8)
        plan = _cleaning_plan((windows.shape[2], windows.shape[1]), network, autoencoder)
        for tile in plan:
            top, rows = tile.y.start * scale, plan.window[1] * scale
            given = enlarged[:, top : top + rows]
            cleaned = self._engine.run(autoencoder, given)
            if options.denoise < 1:
                cleaned -= given
                cleaned *= np.float32(options.denoise)
                cleaned += given
            under = windows[:, tile.y.start : tile.y.start + plan.window[1]]
            for window, part in zip(levels, _levels(cleaned, under, gray, tone), strict=True):
                tiling.merge(window, tile, part, scale)
        return levels

    def _change(self, places: np.ndarray, network: Network, autoencoder: Network) -> float:
        given = self._engine.run(network, places.astype(np.float32))
        return cleanness.change(given, self._engine.run(autoencoder, given))

    def _judges(self, network: Network, autoencoder: Network) -> tuple[Network, Network]:
        """The generator and autoencoder that tell whether a picture for these two is clean.

        The zoo's default ones, if there are: `faithful-fast`'s, with which the limits of
        `cleanness` were measured. An autoencoder for detail takes some texture for noise.
        """
        default = self.zoo.model(self.zoo.default)
        cleaning = self.zoo.autoencoder_for(default)
        return (network, autoencoder) if cleaning is None else (default, cleaning)

    def _network(self, options: Options) -> Network:
        return self.zoo.model(options.model or self.zoo.default)

    def _networks(self, options: Options) -> tuple[Network, Network | None]:
        network = self._network(options)
        return network, self.zoo.autoencoder_for(network) if options.denoise > 0 else None

    def _picture(self, source: Source) -> Picture:
        if isinstance(source, str | Path):
            return decode(_read(Path(source), self.limits.max_bytes), self.limits)
        if isinstance(source, bytes | bytearray | memoryview):
            return decode(bytes(source), self.limits)
        if not isinstance(source, Picture | np.ndarray):
            raise BadOption(
                "A picture is given as its file's path or bytes, or as an array of NumPy (of an "
                f"image of Pillow: numpy.asarray(image.convert('RGBA'))), not as {type(source)}."
            )
        picture = source if isinstance(source, Picture) else Picture.from_array(source)
        if (
            picture.width * picture.height > self.limits.max_pixels
            or max(picture.size) > self.limits.max_side
        ):
            raise PictureTooLarge(
                f"The picture has {picture.width} × {picture.height} pixels; at most "
                f"{self.limits.max_pixels / 1e6:.1f} megapixels and {self.limits.max_side} pixels "
                "on the longer side can be upscaled. Make it smaller or cut it first."
            )
        return picture


def _visible(picture: Picture) -> np.ndarray:
    return picture.rgb if picture.alpha is None else fill_hidden(picture.rgb, picture.alpha)


def _halo(network: Network, autoencoder: Network | None) -> int:
    return network.halo + (autoencoder.halo if autoencoder else 0)


def _cleaning_plan(window: tuple[int, int], network: Network, autoencoder: Network) -> tiling.Plan:
    """The parts of a window of (width, height) that the autoencoder cleans one after another."""
    halo = min(_halo(network, autoencoder), _CLEANING_HALO)
    most = 4 * halo + 1
    largest = max(window[0], most), max(_CLEANED // window[0], most)
    return tiling.plan_tiles(window, largest, halo)


def _levels(values: np.ndarray, windows: np.ndarray, gray: bool, tone: Tone | None) -> np.ndarray:
    # three equal channels in do not make three equal channels out
    if gray:
        return tiling.to_levels(values.mean(axis=3, keepdims=True))
    if tone is not None:
        keep_tone(values, windows, tone)
    keep_gray(values, gray_around(windows))
    return tiling.to_levels(values)


def _read(path: Path, most: int) -> bytes:
    """The file's bytes, or one more than `most` of them if there are more: decode refuses that."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise BrokenPicture(f"{path} cannot be read: {error.strerror}.") from error


class _Clock:
    """Counts tiles, tells about them, and stops when asked to."""

    def __init__(self, total: int, on_progress: OnProgress | None, cancel: threading.Event | None):
        self._total, self._done = total, 0
        self._on_progress, self._cancel = on_progress, cancel
        self._started = time.monotonic()
        self._tell()

    def watched(self, tiles: Iterable[tiling.Tile]) -> Iterator[tiling.Tile]:
        """The same, until the work is to end: then Cancelled is raised before the next tile."""
        for tile in tiles:
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled("The upscale was stopped.")
            yield tile

    def tick(self) -> None:
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        seconds = time.monotonic() - self._started
        left = seconds / self._done * (self._total - self._done) if self._done else None
        self._on_progress(Progress(self._done, self._total, seconds, left))
