"""Every pixel for who zooms in: tiles of a result, and the whole picture before, under /pixels.

A result can have hundreds of megapixels, which no browser shows as one picture; the picture before
is within the limits. Addresses hold the secret of the picture that they lead to.
"""

from __future__ import annotations

import asyncio
import weakref
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from srgan.limits import limits
from srgan.sandbox import sandbox
from srgan.web.results import Result, Source

TILE = 1024  # pixels
IDLE_SECONDS = 30.0  # after which a decoded result is let go
PNG_QUICKLY = (cv2.IMWRITE_PNG_COMPRESSION, 1)
KEPT_BY_THE_BROWSER = {"Cache-Control": "private, max-age=3600, immutable"}

Kind = TypeVar("Kind", Source, Result)

_shown: weakref.WeakValueDictionary[str, Source | Result] = weakref.WeakValueDictionary()


def address(picture: Source | Result) -> str:
    """Where `picture` can be had for as long as its session keeps it, relative to the page.

    A result's tiles are at /column/row behind that.
    """
    _shown[picture.secret] = picture
    return f"pixels/{picture.secret}"


def routes() -> list[BaseRoute]:
    """What answers at the addresses; one request at a time decodes."""
    decoding = CapacityLimiter(1)
    decoded = _Decoded()

    async def before(request: Request) -> Response:
        source = _known(request, Source)
        png = await to_thread.run_sync(partial(_png_of, source), limiter=decoding)
        return Response(png, media_type="image/png", headers=KEPT_BY_THE_BROWSER)

    async def tile(request: Request) -> Response:
        result = _known(request, Result)
        column, row = request.path_params["column"], request.path_params["row"]
        if column * TILE >= result.size[0] or row * TILE >= result.size[1]:
            raise HTTPException(404)
        cut = partial(decoded.tile, result, column, row)
        png = await to_thread.run_sync(cut, limiter=decoding)
        decoded.let_go_after(IDLE_SECONDS)
        return Response(png, media_type="image/png", headers=KEPT_BY_THE_BROWSER)

    return [
        Route("/pixels/{secret}", before),
        Route("/pixels/{secret}/{column:int}/{row:int}", tile),
    ]


class _Decoded:
    """The result that was last looked at, as OpenCV has it."""

    def __init__(self) -> None:
        self._latest: tuple[str, np.ndarray] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def tile(self, result: Result, column: int, row: int) -> bytes:
        """One tile as PNG."""
        latest = self._latest
        if latest is None or latest[0] != result.secret:
            self._latest = latest = None  # first, so that there are never two
            master = np.frombuffer(result.master.read(), np.uint8)
            pixels = cv2.imdecode(master, cv2.IMREAD_UNCHANGED)
            if pixels is None:
                raise ValueError("the kept result is no PNG")
            self._latest = latest = (result.secret, pixels)
        left, top = column * TILE, row * TILE
        cut = latest[1][top : top + TILE, left : left + TILE]
        return cv2.imencode(".png", cut, PNG_QUICKLY)[1].tobytes()

    def let_go_after(self, seconds: float) -> None:
        """Free the memory unless this is called again before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._let_go)

    def _let_go(self) -> None:
        self._latest = None


def _known(request: Request, kind: type[Kind]) -> Kind:
    picture = _shown.get(request.path_params["secret"])
    if not isinstance(picture, kind):
        raise HTTPException(404)
    return picture


def _png_of(source: Source) -> bytes:
    return sandbox().encode(sandbox().decode(source.data, limits()))
