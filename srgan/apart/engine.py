"""LiteRT's process, seen from the server.

LiteRT's Python interface holds Python's lock for the whole of a window, seconds in which no other
thread of the same process gets anything done. Who waits for a socket holds nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from math import prod
from typing import Any, TypeVar

import numpy as np

from srgan.channel import OUT_OF_MEMORY, Channel, Closed
from srgan.errors import Cancelled, NetworkUnavailable, NotEnoughMemory, SrganError, WorkerLost
from srgan.litert import LiteRTEngine
from srgan.sandbox.process import Died, Worker, check
from srgan.zoo import Network

logger = logging.getLogger(__name__)

PROGRAM = "srgan.apart.worker"
AS_LONG_AS_IT_TAKES = float("inf")  # seconds

T = TypeVar("T")
Take = Callable[[Channel, dict[str, Any]], T]


class LiteRTApart:
    """Implements `srgan.inference.Engine` by a process with a `LiteRTEngine`, on all cores.

    The process is started when it is needed first. One that was killed costs nothing: another gets
    the same windows, once. `seconds` is as of `LiteRTEngine`, and counts no way from one process
    to the other.
    """

    batch = LiteRTEngine.batch

    def __init__(self, program: str = PROGRAM) -> None:
        self.seconds = 0.0
        self._program = program
        self._worker: Worker | None = None
        self._closed = False
        self._turn = threading.Lock()
        self._changing = threading.Lock()  # _worker or _closed

    @property
    def pid(self) -> int | None:
        """The process's number; None where there is none now."""
        worker = self._worker
        return None if worker is None else worker.pid

    def load(self, network: Network) -> None:
        """As in `srgan.inference.Engine`. Raises also what `run` raises."""
        self._ask(network, None, lambda _, told: check(told))

    def run(self, network: Network, windows: np.ndarray) -> np.ndarray:
        """As in `srgan.inference.Engine`.

        Raises also WorkerLost where the process ends twice, and Cancelled after `close`.
        """
        return self._ask(network, np.ascontiguousarray(windows, np.float32), self._result)

    def close(self) -> None:
        """End the process, and what is under way in it with Cancelled. Never starts another."""
        with self._changing:
            self._closed = True
            if self._worker is not None:
                self._worker.kill()
        with self._turn:
            self._end()

    def _ask(self, network: Network, windows: np.ndarray | None, take: Take[T]) -> T:
        # what was measured is for people, and can be long
        request = {
            "network": asdict(replace(network, benchmark={})) | {"folder": str(network.folder)},
            "shape": None if windows is None else windows.shape,
        }
        parts = [] if windows is None else [windows]
        with self._turn:
            try:
                return self._once(request, parts, take)
            except Died as end:
                if end.code is not None and end.code >= 0:  # it would come to the same end
                    raise _meaning(end, network) from end
            try:
                return self._once(request, parts, take)
            except Died as end:
                raise _meaning(end, network) from end

    def _once(self, request: dict[str, Any], parts: list[np.ndarray], take: Take[T]) -> T:
        worker = self._started()
        try:
            return worker.ask(request, parts, AS_LONG_AS_IT_TAKES, take)
        except SrganError:
            raise
        except Died as end:
            self._end()
            if self._closed:
                raise Cancelled("The upscale was stopped.") from end
            logger.warning(
                "LiteRT's process ended with %s; its last words: %r", end.code, end.words
            )
            raise
        except BaseException:  # part of the answer is still under way
            self._end()
            raise

    def _started(self) -> Worker:
        with self._changing:
            if self._closed:
                raise Cancelled("The upscale was stopped.")
            if self._worker is None:
                try:
                    self._worker = Worker(self._program)
                except OSError as error:
                    raise NetworkUnavailable(
                        f"The process that runs the networks cannot be started ({error.strerror}). "
                        "Please try again in a minute."
                    ) from error
            return self._worker

    def _end(self) -> None:
        with self._changing:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _result(self, channel: Channel, told: dict[str, Any]) -> np.ndarray:
        check(told)
        try:
            shape, seconds = [int(side) for side in told["shape"]], float(told["seconds"])
        except (KeyError, TypeError, ValueError) as error:
            raise Closed("an answer that is none") from error
        values = channel.take(4 * prod(shape)).view(np.float32).reshape(shape)
        self.seconds += seconds
        return values


def _meaning(end: Died, network: Network) -> SrganError:
    if end.code == OUT_OF_MEMORY or end.killed:
        return NotEnoughMemory(f"There is not enough memory to run the network {network.name}.")
    if not end.started:
        said = (end.words.strip().splitlines() or [f"exit code {end.code}"])[-1]
        return NetworkUnavailable(f"LiteRT cannot be started ({said}).")
    return WorkerLost("The process that runs the networks has ended by itself. Please try again.")
