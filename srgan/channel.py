"""What the server and a worker say to each other: JSON headers, and bytes of a known number.

Nothing is unpickled, so that a worker that was taken over cannot make the server run anything.

Large parts do not go through the socket: the worker says where in its memory they lie or should
go, and the server fetches or puts them there, or says that the system does not let it. So a worker
never sees the server's memory, and a wrong place costs nobody but the worker.
"""

import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srgan import memory

OUT_OF_MEMORY = 12  # the exit code of a worker that could not take a request to its end

BUFFER_BYTES = 1 << 20
LARGE_BYTES = 1 << 20  # from which the two words about a place are worth their while
_MAX_HEADER_BYTES = 1 << 16
_LENGTH, _PLACE = struct.Struct(">I"), struct.Struct(">Q")
_DONE, _NOT_DONE = b"\1", b"\0"


class Closed(Exception):
    """The other end is gone, or does not keep to the rules."""


class Late(Exception):
    """The other end has not answered in time."""


class Channel:
    """One end. Every method raises Closed, and Late once the seconds of `allow` are over."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._until = float("inf")
        self.worker: int | None = None  # the server's end knows the process at the other
        for direction in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, direction, BUFFER_BYTES)

    def allow(self, seconds: float) -> None:
        """Let everything from now on take this long together."""
        self._until = time.monotonic() + seconds

    def send(self, header: dict[str, Any], *parts: Any) -> None:
        """A header, and bytes or contiguous arrays, of which it tells the size."""
        text = json.dumps(header).encode()
        self._pour(_LENGTH.pack(len(text)) + text)
        for part in parts:
            values = np.frombuffer(part, np.uint8)
            if not (values.nbytes >= LARGE_BYTES and self._at_once(memory.write, values)):
                self._pour(values.data)

    def header(self) -> dict[str, Any]:
        """The next header."""
        (length,) = _LENGTH.unpack(self.take(_LENGTH.size).data)
        if length > _MAX_HEADER_BYTES:
            raise Closed("a header that is too long")
        try:
            header = json.loads(self.take(length).tobytes())
        except ValueError as error:
            raise Closed("a header that is none") from error
        if not isinstance(header, dict):
            raise Closed("a header that is none")
        return header

    def take(self, nbytes: int) -> NDArray[np.uint8]:
        """The next bytes."""
        taken = np.empty(nbytes, np.uint8)
        if not (nbytes >= LARGE_BYTES and self._at_once(memory.read, taken)):
            self._fill(taken.data)
        return taken

    def close(self) -> None:
        """Hang up."""
        self._end.close()

    def _at_once(self, move: Callable[..., bool], values: NDArray[np.uint8]) -> bool:
        """Whether `values` went from memory to memory: at one end they are the source, at the
        other the target, and the server is the one that does it.
        """
        answer = np.empty(1, np.uint8)
        if self.worker is None:
            self._pour(_PLACE.pack(memory.address(values)))
            self._fill(answer.data)
            return answer.tobytes() == _DONE
        place = np.empty(_PLACE.size, np.uint8)
        self._fill(place.data)
        try:
            done = move(self.worker, *_PLACE.unpack(place.data), values)
        except memory.NotThere as error:
            raise Closed(f"a worker whose memory is not there: {error}") from error
        self._pour(_DONE if done else _NOT_DONE)
        return done

    def _pour(self, data: Any) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._now(self._end.send, rest) :]

    def _fill(self, rest: memoryview) -> None:
        while rest:
            got = self._now(self._end.recv_into, rest)
            if not got:
                raise Closed("the other end is gone")
            rest = rest[got:]

    def _now(self, call: Any, rest: memoryview) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Late
        self._end.settimeout(None if left == float("inf") else left)
        try:
            return int(call(rest))
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed(str(error)) from error
