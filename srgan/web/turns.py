"""What is made while a client waits: a few at a time, and nothing for those who have gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from srgan.errors import SrganError

T = TypeVar("T")


class Stopping(SrganError):
    """The server is about to stop and begins nothing new, or has stopped what was under way."""

    retry_after = 10  # seconds, after which another server has taken over or this one is back

    def __init__(self) -> None:
        super().__init__("The server is being restarted. Please try again in a minute.")


class Turns:
    """First come, first served, `most` at a time, each in a thread."""

    def __init__(self, most: int) -> None:
        self._places = CapacityLimiter(most)
        self._under_way: set[CancelScope] = set()
        self._closed = False

    async def made(self, make: Callable[[], T], request: Request) -> T:
        """What `make` returns, or raises, once its turn has come.

        Raises ClientDisconnect where nobody waits for it by then, and Stopping after `close`.
        """
        if self._closed:
            raise Stopping
        # shielded, because who goes does not end the thread, and may not give away its place
        with CancelScope(shield=True) as scope:
            self._under_way.add(scope)
            try:
                async with self._places:
                    if await request.is_disconnected():
                        raise ClientDisconnect
                    return await to_thread.run_sync(make, abandon_on_cancel=True)
            finally:
                self._under_way.discard(scope)
        raise Stopping

    def close(self) -> None:
        """Begin nothing any more, and have nobody wait for the threads that still work."""
        self._closed = True
        for scope in list(self._under_way):
            scope.cancel()
