"""The ASGI side of the page: what `st.App` is given beside the script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from srgan.errors import SrganError
from srgan.limits import limits
from srgan.web import api, archive, handout, pixels, refusals, security, security_sessions
from srgan.web.service import service

# Cloud Run refuses larger HTTP/1 responses unless they come in chunks.
MAX_UNCHUNKED_BYTES = 32 * 1024 * 1024

PIECE_BYTES = 256 * 1024


class ChunkedDownloads:
    """Drops the Content-Length of a large response, so that the server sends it in chunks.

    Smaller ones keep theirs, and with it the browser's progress bar. All are handed on in pieces:
    a client has `Limits.max_idle_seconds` to take one, which is too little for a whole picture.
    """

    def __init__(self, app: ASGIApp, max_unchunked: int = MAX_UNCHUNKED_BYTES) -> None:
        self.app = app
        self.max_unchunked = max_unchunked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at what comes back."""

        async def send_chunked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [h for h in message["headers"] if not self._is_large(h)]
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                body = message.get("body", b"")
                last = max(0, len(body) - 1) // PIECE_BYTES * PIECE_BYTES
                for start in range(0, last, PIECE_BYTES):
                    piece = body[start : start + PIECE_BYTES]
                    await send({**message, "body": piece, "more_body": True})
                message = {**message, "body": body[last:]}
            await send(message)

        await self.app(scope, receive, send_chunked if scope["type"] == "http" else send)

    def _is_large(self, header: tuple[bytes, bytes]) -> bool:
        name, value = header
        return name.lower() == b"content-length" and int(value) > self.max_unchunked


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Load the networks before the first visitor; stop all work when the server stops."""
    await asyncio.to_thread(service().warm_up)
    try:
        yield
    finally:
        service().close()


# A form's file stays in memory, which it is read into anyway, whatever state the disk is in.
MultiPartParser.spool_max_size = limits().max_bytes + security.FRAMING_BYTES

v1 = api.application(service)
routes: list[BaseRoute] = [
    Route("/v1", v1),  # which has nothing there, and says so as an API
    Mount("/v1", v1),
    *pixels.routes(),
    *handout.routes(service),
    *archive.routes(service),
]
middleware = [
    Middleware(security.SafeHeaders),
    Middleware(security.KnownHosts),
    Middleware(security.BoundedRequests),
    Middleware(security_sessions.OnlyThePagesMessages),
    Middleware(security_sessions.BoundedUploads),
    Middleware(ChunkedDownloads),
]
exception_handlers = {
    SrganError: refusals.plain,
    ClientDisconnect: refusals.gone,
    Exception: security.unexpected,
}
