"""All results of a batch as one ZIP, made while it is sent: one picture at a time in memory."""

from __future__ import annotations

import weakref
import zipfile
from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from srgan.web.batch import Batch, Item, unlike
from srgan.web.wanted import Wanted

PIECE_BYTES = 256 * 1024
NAME = "pixel-perfect.zip"

_offered: weakref.WeakValueDictionary[str, Batch] = weakref.WeakValueDictionary()


def address(batch: Batch, wanted: Wanted) -> str:
    """Where the ZIP can be had for as long as the session keeps `batch`, relative to the page."""
    _offered[batch.secret] = batch
    return f"archive/{batch.secret}?{wanted.query()}"


def routes() -> list[BaseRoute]:
    """What answers at the address."""
    return [Route("/archive/{secret}", _archive)]


def _archive(request: Request) -> Response:
    batch = _offered.get(request.path_params["secret"])
    wanted = Wanted.asked(request.query_params)
    if batch is None or wanted is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    pieces = _pieces(batch.finished(), wanted)
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _pieces(items: list[Item], wanted: Wanted) -> Iterator[bytes]:
    sent = _Sent()
    names: list[str] = []
    with zipfile.ZipFile(sent, "w") as archive:  # stored: pictures are compressed already
        for item in items:
            name, file = item.file(wanted)
            names.append(name)
            archive.writestr(unlike(names)[-1], file)
            yield from sent.pieces()
    yield from sent.pieces()


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

    def pieces(self) -> Iterator[bytes]:
        """What was written since."""
        written, self._written = self._written, []
        for data in written:
            for start in range(0, len(data), PIECE_BYTES):
                yield data[start : start + PIECE_BYTES]
