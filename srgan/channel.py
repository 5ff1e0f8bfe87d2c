"""What the server and a worker say to each other: JSON headers, and bytes of a known number.

Nothing is unpickled, so that a worker that was taken over cannot make the server run anything.

A plain socket: on 50 MB of pixels (16.8 megapixels) it took 29 ms from one process to the other
where shared memory took 93 (fresh pages are slow to get), pickling 218 and a mere copy 16.
"""

import json
import socket
import struct
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUT_OF_MEMORY = 12  # the exit code of a worker that could not take a request to its end

BUFFER_BYTES = 1 << 20
_MAX_HEADER_BYTES = 1 << 16
_LENGTH = struct.Struct(">I")


class Closed(Exception):
    """The other end is gone, or does not keep to the rules."""


class Late(Exception):
    """The other end has not answered in time."""


class Channel:
    """One end. Every method raises Closed, and Late once the seconds of `allow` are over."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._until = float("inf")
        for direction in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, direction, BUFFER_BYTES)

    def allow(self, seconds: float) -> None:
        """Let everything from now on take this long together."""
        self._until = time.monotonic() + seconds

    def send(self, header: dict[str, Any], *parts: Any) -> None:
        """A header, and bytes or contiguous arrays, of which it tells the size."""
        text = json.dumps(header).encode()
        for part in (_LENGTH.pack(len(text)) + text, *parts):
            rest = memoryview(part).cast("B")
            while rest:
                rest = rest[self._now(self._end.send, rest) :]

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
        rest = taken.data
        while rest:
            got = self._now(self._end.recv_into, rest)
            if not got:
                raise Closed("the other end is gone")
            rest = rest[got:]
        return taken

    def close(self) -> None:
        """Hang up."""
        self._end.close()

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
