"""One connection to a client, which may neither dawdle nor keep others from being served."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from srgan.limits import limits

HEAD_BYTES = 32 * 1024  # of a request, all its headers included


class Connection(H11Protocol):
    """As uvicorn's, and cut after `Limits.max_idle_seconds` of waiting for the client.

    That is: for the rest of a request's head, for the rest of a body that nobody reads any more,
    and for a client that does not take what it has asked for. Cut, too, where more than the head of
    a next request comes before the answer: it would be kept in memory for that long.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience = limits().max_idle_seconds
        self._owing: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.DONE and len(self.conn.trailing_data[0]) > HEAD_BYTES:
            self.transport.abort()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # nonsense behind a request that is being answered
            self.transport.abort()

    @property
    def answering(self) -> bool:
        """Whether an answer is being made, or has not gone out yet."""
        making = self.cycle is not None and not self.cycle.response_complete
        return making or self.transport.get_write_buffer_size() > 0

    def connection_lost(self, exc: Exception | None) -> None:
        _stop(self._owing)
        self._owing = None
        _stop(self._taking)
        self._taking = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(self._patience, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _stop(self._taking)
        self._taking = None

    def _watch(self) -> None:
        """Have one timer run for as long as the client owes something; no byte sets it back."""
        if not self._client_owes():
            _stop(self._owing)
            self._owing = None
        elif self._owing is None:
            self._owing = self.loop.call_later(self._patience, self._cut)

    def _cut(self) -> None:
        self._owing = None
        if self._client_owes():
            self.transport.abort()

    def _client_owes(self) -> bool:
        if self.transport.get_protocol() is not self:
            return False  # it has become a websocket
        theirs, ours = self.conn.their_state, self.conn.our_state
        return theirs is h11.IDLE or (theirs is h11.SEND_BODY and ours is h11.DONE)


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
