"""All results of a batch as one ZIP, made while it is sent: one picture at a time in memory."""

from __future__ import annotations

import weakref
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from anyio import sleep_forever
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from srgan.web.batch import Batch, Made, unlike
from srgan.web.service import Service
from srgan.web.turns import Stopping
from srgan.web.wanted import Wanted

NAME = "pixel-perfect.zip"

_offered: weakref.WeakValueDictionary[str, Batch] = weakref.WeakValueDictionary()


def address(batch: Batch, wanted: Wanted) -> str:
    """Where the ZIP can be had for as long as the session keeps `batch`, relative to the page."""
    _offered[batch.secret] = batch
    return f"archive/{batch.secret}?{wanted.query()}"


def routes(service: Callable[[], Service]) -> list[BaseRoute]:
    """What answers at the address. `service` is asked for at each request."""

    async def archive(request: Request) -> Response:
        if service().stopping:
            raise Stopping
        batch = _offered.get(request.path_params["secret"])
        wanted = Wanted.asked(request.query_params)
        if batch is None or wanted is None:
            raise HTTPException(404)

        async def turn(add: Callable[[], None]) -> None:
            try:
                await service().downloads.made(add, request)
            except (ClientDisconnect, Stopping):
                await sleep_forever()  # until the line is cut: an end would make it look whole

        headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
        pieces = _pieces(batch.finished(), wanted, turn)
        return StreamingResponse(pieces, media_type="application/zip", headers=headers)

    return [Route("/archive/{secret}", archive)]


async def _pieces(
    finished: list[Made], wanted: Wanted, turn: Callable[[Callable[[], None]], Awaitable[None]]
) -> AsyncIterator[bytes]:
    sent = _Sent()
    names: list[str] = []
    archive = zipfile.ZipFile(sent, "w")  # stored: pictures are compressed already

    def add(made: Made) -> None:
        name, file = made.file(wanted)
        names.append(name)
        archive.writestr(unlike(names)[-1], file)

    for made in finished:
        await turn(partial(add, made))
        for data in sent.taken():
            yield data
    archive.close()
    for data in sent.taken():
        yield data


class _Sent:
    """A file without an end or a way back, of which only what was not yet taken is kept."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """As every file does."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do, but zipfile asks for it."""

    close = flush

    def taken(self) -> list[bytes]:
        """What was written since."""
        written, self._written = self._written, []
        return written
