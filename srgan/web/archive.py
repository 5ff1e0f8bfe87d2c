"""All results of a batch as one ZIP, made while it is sent: one picture at a time in memory."""

from __future__ import annotations

import weakref
import zipfile
from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from srgan.imaging import OUTPUT_FORMATS
from srgan.web.batch import Batch, Item, unlike

PIECE_BYTES = 256 * 1024
NAME = "pixel-perfect.zip"
ANY_QUALITY = 90  # where no format asks for one

_offered: weakref.WeakValueDictionary[str, Batch] = weakref.WeakValueDictionary()


def address(batch: Batch, choice: str, quality: int | None) -> str:
    """Where the ZIP can be had for as long as the session keeps `batch`, relative to the page.

    `choice` is a format or "same".
    """
    _offered[batch.secret] = batch
    return f"archive/{batch.secret}/{choice}/{quality or ANY_QUALITY}"


def routes() -> list[BaseRoute]:
    """What answers at the address."""
    return [Route("/archive/{secret}/{choice}/{quality:int}", _archive)]


def _archive(request: Request) -> Response:
    batch = _offered.get(request.path_params["secret"])
    choice, quality = request.path_params["choice"], request.path_params["quality"]
    if batch is None or choice not in ("same", *OUTPUT_FORMATS) or not 1 <= quality <= 100:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    pieces = _pieces(batch.finished(), choice, quality)
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _pieces(items: list[Item], choice: str, quality: int) -> Iterator[bytes]:
    sent = _Sent()
    names: list[str] = []
    with zipfile.ZipFile(sent, "w") as archive:  # stored: pictures are compressed already
        for item in items:
            name, file = item.file(choice, quality)
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
