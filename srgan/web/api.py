"""The HTTP API: the same upscaler, limits and line of jobs as the page, under /v1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from srgan import imaging
from srgan.imaging import Picture
from srgan.limits import limits
from srgan.sandbox import sandbox
from srgan.web import openapi, refusals
from srgan.web.asked import Asked, picture_in
from srgan.web.jobs import Job, QueueFull, State
from srgan.web.service import Service
from srgan.web.turns import Stopping

POLL_SECONDS = 0.05
UPLOADS_SECONDS = 10  # after which some have been sent, or were given up


@dataclass(frozen=True)
class Made:
    """A result. `noisy` says that it was made of what denoising is for, without any."""

    file: bytes
    noisy: bool


def application(service: Callable[[], Service]) -> Starlette:
    """The API as an ASGI app. `service` is asked for at each request."""
    decoding = CapacityLimiter(limits().max_running)
    inside: set[Request] = set()  # as many as can be at work or in line, so that bodies have room

    async def upscale(request: Request) -> Response:
        asked = Asked.read(request.query_params, service().upscaler.zoo)
        service().check_for_room()
        if len(inside) >= limits().max_running + limits().max_waiting:
            # those in line are fewer, so the others are still sending
            raise QueueFull("Many pictures are being sent already.", UPLOADS_SECONDS)
        inside.add(request)
        try:
            return await _upscaled(request, asked)
        finally:
            inside.discard(request)

    async def _upscaled(request: Request, asked: Asked) -> Response:
        async with asyncio.timeout(limits().max_seconds):
            data = await picture_in(request, limits().max_bytes)
            format = await to_thread.run_sync(
                _format_that_fits, service(), data, asked, limiter=decoding
            )
            finish = partial(_made, service(), format, asked)
            job = service().submit(data, asked.options, finish)
            del data
            await _over(job, request, service())
        if job.state is State.CANCELLED and service().stopping:
            raise Stopping
        return _answer(job.result(), format)

    async def models(_request: Request) -> Response:
        zoo = service().upscaler.zoo
        listed = [
            {"name": model.name, "summary": model.summary, "benchmark": model.benchmark}
            for model in map(zoo.model, zoo.models())
        ]
        return JSONResponse({"default": zoo.default, "models": listed})

    async def health(_request: Request) -> Response:
        if service().ready:
            return JSONResponse({"status": "ready"})
        status = "stopping" if service().stopping else "starting"
        return JSONResponse({"status": status}, 503)

    async def document(_request: Request) -> Response:
        return JSONResponse(openapi.document(service().upscaler.zoo, limits()))

    return Starlette(
        routes=[
            Route("/upscale", upscale, methods=["POST"]),
            Route("/models", models),
            Route("/health", health),
            Route("/openapi.json", document),
        ],
        exception_handlers=refusals.HANDLERS,
    )


def _format_that_fits(service: Service, data: bytes, asked: Asked) -> str:
    """Refuse before the line what would be refused after it; the pixels are not kept so long."""
    picture = sandbox().decode(data, limits())
    format = asked.format or imaging.output_format_for(picture.format, picture.transparent)
    imaging.check_output_size(format, *service.upscaler.output_size(picture.size, asked.options))
    return format


def _made(
    service: Service, format: str, asked: Asked, before: Picture, after: Picture, _seconds: float
) -> Made:
    file = sandbox().encode(after, format, asked.quality)
    return Made(file, service.suggests_denoising(before, asked.options))


async def _over(job: Job[Made], request: Request, service: Service) -> None:
    """Wait for `job`; it is cancelled when the client goes or the time is over.

    Raises Stopping without waiting for the step that a job is at when the server stops.
    """
    try:
        while not job.over:
            if service.queue.closed:
                raise Stopping
            if await request.is_disconnected():
                raise ClientDisconnect
            job.touch()
            await asyncio.sleep(POLL_SECONDS)
    finally:
        job.cancel()  # which does nothing to a job that is over


def _answer(made: Made, format: str) -> Response:
    headers = {openapi.SUGGESTED: "true"} if made.noisy else None
    return Response(made.file, media_type=f"image/{format.lower()}", headers=headers)
