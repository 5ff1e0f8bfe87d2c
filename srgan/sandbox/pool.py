"""A few workers, and what their ends mean for a visitor."""

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from math import ceil
from typing import Any, TypeVar

from srgan import imaging
from srgan.channel import OUT_OF_MEMORY, Channel, Closed
from srgan.errors import BrokenPicture, CannotWrite, CodecUnavailable, PictureTooLarge, SrganError
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.sandbox import parcel
from srgan.sandbox.parcel import Facts
from srgan.sandbox.process import Died, Worker, check

logger = logging.getLogger(__name__)

# What writing may take, in times of what reading may. A WebP of 16.8 megapixels of noise and
# transparency, the slowest result measured, took 37 s of processor time, and more than 512 MB.
LONGER, LARGER = 20, 4
BY_THE_CLOCK = 4  # times as long as in processor time: other work goes on beside it
ROOM_FOR_A_FILE = 1_000_000  # bytes that any result may have beyond its pixels

_UNAVAILABLE = "Pictures cannot be read and written at the moment. Please try again in a minute."

T = TypeVar("T")


class Sandbox:
    """`imaging.decode` and `imaging.encode` in at most `workers` processes, kept warm.

    May be called from any thread; calls beyond `workers` wait. A process is started when none is
    free, ended when it crashes, hangs or takes more than `limits` says, and then replaced. One
    that was killed from outside costs nothing: the picture is given to another.

    make: what starts a process.
    """

    def __init__(self, limits: Limits, workers: int, make: Callable[[], Worker] = Worker) -> None:
        self._limits = limits
        self._make = make
        self._turns = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._closed = False

    def decode(self, data: bytes, limits: Limits) -> Picture:
        """As `imaging.decode`. Raises what that raises, and CodecUnavailable."""
        imaging.file_kind(data, limits)
        request = {"do": "decode", "nbytes": len(data), "limits": asdict(limits)}
        try:
            return self._ask(
                request, [data], 1, 1, lambda channel, told: _picture(channel, told, limits)
            )
        except (Died, MemoryError) as end:
            raise _not_read(end) from end

    def encode(
        self,
        picture: Picture,
        format: str = "PNG",
        quality: int | None = None,
        *,
        lossless: bool = False,
        transparency: bool = True,
        profile: bool = True,
    ) -> bytes:
        """As `imaging.encode`. Raises what that raises, and CodecUnavailable."""
        imaging.check_output_size(format, *picture.size)
        request = {
            "do": "encode",
            "facts": asdict(Facts.of(picture)),
            "options": {
                "format": format,
                "quality": quality,
                "lossless": lossless,
                "transparency": transparency,
                "profile": profile,
            },
        }
        pixels = parcel.pixels(picture)
        most = 2 * sum(part.nbytes for part in pixels) + ROOM_FOR_A_FILE
        times = ceil(picture.width * picture.height / self._limits.max_pixels)
        try:
            return self._ask(
                request,
                pixels,
                times * LONGER,
                times * LARGER,
                lambda channel, told: _file(channel, told, most),
            )
        except (Died, MemoryError) as end:
            raise _not_written(end, format, picture) from end

    def close(self) -> None:
        """End all workers; those at work, when they are done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def _ask(
        self,
        request: dict[str, Any],
        parts: list[Any],
        seconds: int,
        memory: int,
        take: Callable[[Channel, dict[str, Any]], T],
    ) -> T:
        seconds *= self._limits.max_decode_seconds
        request |= {"seconds": seconds, "memory": memory * self._limits.max_decode_memory}
        with self._turns:
            try:
                return self._once(request, parts, seconds * BY_THE_CLOCK, take)
            except Died as end:
                if not end.killed:
                    raise
            return self._once(request, parts, seconds * BY_THE_CLOCK, take)

    def _once(self, request: dict[str, Any], parts: list[Any], seconds: float, take: Any) -> Any:
        worker = self._worker()
        try:
            answer = worker.ask(request, parts, seconds, take)
        except Died as end:
            what = "is late" if end.late else f"ended with {end.code}"
            logger.warning("a worker %s over a picture; its last words: %r", what, end.words)
            if not end.started:
                raise CodecUnavailable(_UNAVAILABLE) from end
            with contextlib.suppress(CodecUnavailable):
                self._keep(self._new())
            raise
        except SrganError:
            self._keep(worker)
            raise
        except BaseException:
            worker.end()
            raise
        self._keep(worker)
        return answer

    def _worker(self) -> Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()  # the latest, whose memory is warm
        return self._new()

    def _new(self) -> Worker:
        try:
            return self._make()
        except OSError as error:
            raise CodecUnavailable(_UNAVAILABLE) from error

    def _keep(self, worker: Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.end()


def _picture(channel: Channel, told: dict[str, Any], limits: Limits) -> Picture:
    check(told)
    try:
        facts = Facts(**told)
    except TypeError as error:
        raise Closed("facts that are none") from error
    if not facts.possible(limits):
        raise Closed(f"a picture that cannot be: {facts}")
    return facts.receive(channel)


def _file(channel: Channel, told: dict[str, Any], most: int) -> bytes:
    check(told)
    nbytes = told.get("nbytes")
    if type(nbytes) is not int or not 0 < nbytes <= most:
        raise Closed(f"a file that cannot be: {nbytes!r} bytes")
    return channel.take(nbytes).tobytes()


def _not_read(end: Died | MemoryError) -> SrganError:
    if _was_memory(end):
        return PictureTooLarge(imaging.NO_MEMORY)
    if isinstance(end, Died) and end.late:
        return BrokenPicture(
            "This picture takes far longer to read than good ones do. "
            "Please save it again as an ordinary PNG or JPEG."
        )
    return BrokenPicture(
        "This picture is broken in a way that cannot be read. "
        "Please save it again as an ordinary PNG or JPEG."
    )


def _not_written(end: Died | MemoryError, format: str, picture: Picture) -> SrganError:
    size = f"{picture.width:,} × {picture.height:,} pixels"
    if _was_memory(end):
        return CannotWrite(
            f"There is not enough memory to write {size}. Please choose a smaller scale."
        )
    return CannotWrite(
        f"The result of {size} could not be written as {format}. Please choose another format."
    )


def _was_memory(end: Died | MemoryError) -> bool:
    return isinstance(end, MemoryError) or end.code == OUT_OF_MEMORY or end.killed
