"""One upscaler and one line of jobs for the whole process: the page and the API share them."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from srgan.apart import make_engine_apart
from srgan.errors import SrganError
from srgan.imaging import Picture
from srgan.limits import limits
from srgan.sandbox import sandbox
from srgan.upscaler import Options, Upscaler
from srgan.web import detail, estimates
from srgan.web.account import Account
from srgan.web.detail import Spot
from srgan.web.estimates import Rates
from srgan.web.jobs import Job, JobQueue, Report, WhenOver, Work
from srgan.web.results import Result, room
from srgan.web.turns import Stopping, Turns

# Browsers wake a hidden tab once a minute at least; after two missed calls it is taken as closed.
PATIENCE_SECONDS = 150.0
WARM_UP_SIDE = 48  # pixels
FOR_PEOPLE = 0.25  # of the places in line: what programs leave to the page

logger = logging.getLogger(__name__)

T = TypeVar("T")
Finish = Callable[[Picture, Picture, float], T]  # of the picture before, after, and seconds


class NoRoom(SrganError):
    """A result was made and cannot be kept: the disk is full, read-only, or not there."""

    def __init__(self) -> None:
        super().__init__("The server has no room for the result now. Please try again later.")


class Service:
    """Upscales in the background.

    `downloads` are the turns in which results become files. `runs` counts how often the networks
    were set to work; `ready` says whether they are loaded, `stopping` whether `stop` was called.
    """

    def __init__(
        self, upscaler: Upscaler, queue: JobQueue, when_closed: Callable[[], None] = lambda: None
    ) -> None:
        self.upscaler = upscaler
        self.queue = queue
        self.downloads = Turns(limits().max_running)
        self.runs = 0
        self.ready = False
        self.stopping = False
        self._when_closed = when_closed
        self._rates = Rates()
        self._counting = threading.Lock()

    def upscale(self, data: bytes, options: Options) -> Job[Result]:
        """Put the picture in `data` in line. Raises `QueueFull`; the job raises `SrganError`."""

        def keep(before: Picture, after: Picture, seconds: float) -> Result:
            return Result.of(after, seconds, self.suggests_denoising(before, options))

        return self._upscale(data, options, keep, room.check)

    def submit(self, data: bytes, options: Options, finish: Finish[T]) -> Job[T]:
        """As `upscale`, for programs, with a result made by `finish(before, after, seconds)`.

        They come again by themselves, faster than anybody can press a button: a part of the line
        is not for them.
        """
        return self._upscale(data, options, finish, spared=self._for_people)

    def suggests_denoising(self, before: Picture, options: Options) -> bool:
        """Whether denoising is for a picture and not in `options`; takes a few windows' time."""
        return options.denoise == 0 and self.upscaler.needs_denoising(before)

    def check_for_room(self) -> None:
        """Raises what `submit` would raise before any work: `Stopping` or `QueueFull`."""
        if self.stopping:
            raise Stopping
        self.queue.check_for_room(self._for_people)

    @property
    def _for_people(self) -> int:
        return int(FOR_PEOPLE * self.queue.capacity)

    def _upscale(
        self,
        data: bytes,
        options: Options,
        finish: Finish[T],
        check: Callable[[], None] = lambda: None,
        spared: int = 0,
    ) -> Job[T]:
        account = Account(options.model or self.upscaler.zoo.default, options.denoise)

        def work(report: Report, stop: threading.Event) -> T:
            with _room_for_the_result():
                check()
            with self._counting:
                self.runs += 1
            return self._timed(data, options, finish, report, stop, account)

        return self._submit(work, account.close, spared)

    def compare(self, data: bytes, spot: Spot, denoise: float) -> Job[dict[str, bytes]]:
        """Put the comparison of all models on one detail in line; see `detail.compare`."""

        def work(report: Report, stop: threading.Event) -> dict[str, bytes]:
            with self._counting:
                self.runs += 1
            picture = sandbox().decode(data, limits())
            return detail.compare(self.upscaler, picture, spot, denoise, report, stop)

        return self._submit(work)

    def stop(self) -> None:
        """Begin nothing new; what was begun goes on."""
        self.ready, self.stopping = False, True

    def close(self) -> None:
        """Cancel everything, and end the process that the networks work in."""
        self.queue.close()
        self.downloads.close()
        self._when_closed()

    def estimate(self, size: tuple[int, int], layers: int, options: Options) -> float | None:
        """Seconds that a picture of (width, height) `size` should take; None where unmeasured."""
        return self._rates.seconds(self._kind(options), layers * self._megapixels(size, options))

    def warm_up(self) -> None:
        """Load the networks and time each on a small picture, for the first estimates."""
        self.upscaler.load()
        shape = (WARM_UP_SIDE, WARM_UP_SIDE, 3)
        small = Picture(np.random.default_rng(0).integers(112, 144, shape, np.uint8))  # to clean
        for model in self.upscaler.zoo.models():
            for denoise in (0, 1):
                options = Options(model=model, denoise=denoise)
                self.upscaler.upscale(small, options)  # the first run also prepares the network
                self._timed(sandbox().encode(small), options, lambda _, *made: Result.of(*made))
        self.ready = True

    def _submit(
        self, work: Work[T], when_over: WhenOver = lambda _: None, spared: int = 0
    ) -> Job[T]:
        if self.stopping:
            raise Stopping
        return self.queue.submit(work, when_over, spared)

    def _timed(
        self,
        data: bytes,
        options: Options,
        finish: Finish[T],
        report: Report | None = None,
        stop: threading.Event | None = None,
        account: Account | None = None,
    ) -> T:
        started = time.monotonic()
        picture = sandbox().decode(data, limits())
        if account is not None:
            account.size = picture.size
            account.tiles = len(self.upscaler.plan(picture.size, options))
            account.result_size = self.upscaler.output_size(picture.size, options)
        big = self.upscaler.upscale(picture, options, on_progress=report, cancel=stop)
        with _room_for_the_result():
            result = finish(picture, big, time.monotonic() - started)
        work = estimates.layers(picture) * self._megapixels(picture.size, options)
        if work:
            self._rates.add(self._kind(options), work, time.monotonic() - started)
        return result

    def _megapixels(self, size: tuple[int, int], options: Options) -> float:
        """What goes through the networks for one layer, overlaps included."""
        plan = self.upscaler.plan(size, options)
        return len(plan) * plan.window[0] * plan.window[1] / 1e6

    def _kind(self, options: Options) -> tuple[str, bool]:
        return options.model or self.upscaler.zoo.default, options.denoise > 0


@contextmanager
def _room_for_the_result() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        logger.error("a result cannot be kept: %s", error)
        raise NoRoom from error


@functools.cache
def service() -> Service:
    """The service of this process."""
    line = JobQueue(limits().max_running, limits().max_waiting, PATIENCE_SECONDS)
    engine, end = make_engine_apart()
    return Service(Upscaler(engine=engine), line, end)
