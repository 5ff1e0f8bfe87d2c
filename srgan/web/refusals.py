"""Errors as answers. To programs in JSON: the name of the error, and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from srgan import errors
from srgan.web import words
from srgan.web.jobs import QueueFull
from srgan.web.service import NoRoom
from srgan.web.turns import Stopping

RETRY_SECONDS = 60  # where nothing better is known
CLIENT_GONE = 499  # nobody reads it; nginx logs it so

STATUS: Mapping[type[Exception], int] = {
    errors.BadOption: 400,
    errors.PictureTooLarge: 413,
    errors.NotAPicture: 415,
    errors.UnsupportedFormat: 415,
    errors.BrokenPicture: 422,
    errors.AnimatedPicture: 422,
    errors.CannotWrite: 422,
    QueueFull: 429,
    errors.Cancelled: 503,
    errors.NetworkUnavailable: 503,
    errors.CodecUnavailable: 503,
    errors.NotEnoughMemory: 503,
    errors.WorkerLost: 503,
    NoRoom: 503,
    Stopping: 503,
}


def _json(
    status: int, error: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse({"error": error, "message": message}, status, headers)


def _foreseen(_request: Request, error: Exception) -> Response:
    return _json(_status(error), type(error).__name__, str(error), _when(error))


def plain(_request: Request, error: Exception) -> Response:
    """The sentence alone, for who follows a link of the page."""
    return PlainTextResponse(str(error), _status(error), _when(error))


def gone(_request: Request, _error: Exception) -> Response:
    """For a client that did not wait: no fault of the server's, and so nothing for its log."""
    return Response(status_code=CLIENT_GONE)


def _status(error: Exception) -> int:
    return STATUS.get(type(error), 500)


def _when(error: Exception) -> Mapping[str, str] | None:
    """When to come back, where that may help."""
    if _status(error) not in (429, 503):
        return None
    return {"Retry-After": str(getattr(error, "retry_after", RETRY_SECONDS))}


def _too_long(_request: Request, _error: Exception) -> Response:
    return _json(504, "Timeout", "The picture took too long. Please try a smaller one, or later.")


def of_http(_request: Request | None, error: HTTPException) -> Response:
    """What HTTP itself has a number for."""
    name = HTTPStatus(error.status_code).phrase.replace(" ", "")
    return _json(error.status_code, name, f"{error.detail.rstrip('.')}.", error.headers)


def _unforeseen(_request: Request, _error: Exception) -> Response:
    return _json(500, "Unexpected", words.UNEXPECTED)


HANDLERS: Mapping[Any, Any] = {
    errors.SrganError: _foreseen,
    ClientDisconnect: gone,
    TimeoutError: _too_long,
    HTTPException: of_http,
    Exception: _unforeseen,  # after which it is raised again, for the server's log
}
