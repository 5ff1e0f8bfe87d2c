"""Errors of the HTTP API as JSON: the name of the error for programs, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from srgan import errors
from srgan.web import words
from srgan.web.jobs import QueueFull
from srgan.web.service import NoRoom, Stopping

RETRY_SECONDS = 60  # where nothing better is known

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
    status = STATUS.get(type(error), 500)
    seconds = getattr(error, "retry_after", RETRY_SECONDS)
    headers = {"Retry-After": str(seconds)} if status in (429, 503) else None
    return _json(status, type(error).__name__, str(error), headers)


def _too_long(_request: Request, _error: Exception) -> Response:
    return _json(504, "Timeout", "The picture took too long. Please try a smaller one, or later.")


def _of_http(_request: Request, error: Any) -> Response:
    name = HTTPStatus(error.status_code).phrase.replace(" ", "")
    return _json(error.status_code, name, f"{error.detail.rstrip('.')}.", error.headers)


def _unforeseen(_request: Request, _error: Exception) -> Response:
    return _json(500, "Unexpected", words.UNEXPECTED)


HANDLERS: Mapping[Any, Any] = {
    errors.SrganError: _foreseen,
    TimeoutError: _too_long,
    HTTPException: _of_http,
    Exception: _unforeseen,  # after which it is raised again, for the server's log
}
