"""One result as a file, made while the browser waits for it.

Streamlit's own way to make a file when its button is pressed lets the file go after two runs of any
visitor's page, which in a crowd is before the browser has fetched it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from srgan.web.results import Result
from srgan.web.service import Service
from srgan.web.turns import Stopping
from srgan.web.wanted import Wanted

_offered: weakref.WeakValueDictionary[str, Result] = weakref.WeakValueDictionary()


def address(result: Result, name: str, wanted: Wanted) -> str:
    """Where `result` can be had as the file `name` for as long as the session keeps it.

    The address is relative to the page. `wanted` names a format that is written.
    """
    _offered[result.secret] = result
    return f"result/{result.secret}/{quote(name, safe='')}?{wanted.query()}"


def routes(service: Callable[[], Service]) -> list[BaseRoute]:
    """What answers at the address. `service` is asked for at each request."""

    async def file(request: Request) -> Response:
        if service().stopping:
            raise Stopping
        result = _offered.get(request.path_params["secret"])
        wanted = Wanted.asked(request.query_params)
        if result is None or wanted is None:
            raise HTTPException(404)
        data = await service().downloads.made(partial(result.encoded, wanted), request)
        name = quote(request.path_params["name"], safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(data, media_type=f"image/{wanted.format.lower()}", headers=headers)

    return [Route("/result/{secret}/{name}", file)]
