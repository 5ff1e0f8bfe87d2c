"""What stands between strangers and the page: headers, host names, sizes and times of requests."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import time
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from ipaddress import IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from srgan.errors import BadOption
from srgan.limits import limits
from srgan.web import refusals, words

HOSTS_VARIABLE = "SRGAN_HOSTS"
API = "/v1/"
HEALTH = f"{API}health"  # probes come by address, not by name
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/component")  # of Streamlit's, for nobody here
FRAMING_BYTES = 1024 * 1024  # what may be around a picture, as Streamlit counts it
LEAST_BYTES_PER_SECOND = 20_000  # of a body as a whole; a place in line is kept for it meanwhile
MOST_HEADERS = 100  # as Apache has it; browsers send about 20
SAFE = ("GET", "HEAD", "OPTIONS")
CLOSE = {"Connection": "close"}

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# Streamlit writes its styles into the page and makes a module of the slider's script (blob:);
# pictures and fonts come with the page's own styles and state (data:).
PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: {inline}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# For what is no page: pictures, archives, JSON. Opened by itself, nothing in it runs.
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
FILES = ("/media/", "/pixels/", "/result/", "/archive/", API, "/_stcore/upload_file/")


class SafeHeaders:
    """Puts the headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in safe_headers(scope["path"]).items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers)


def safe_headers(path: str) -> Mapping[str, str]:
    """Those for a response at `path`."""
    policy = FILE_POLICY if path.startswith(FILES) else page_policy()
    return {**EVERYWHERE, "Content-Security-Policy": policy}


@cache
def page_policy() -> str:
    """That of the page, in which only the scripts run that Streamlit has written into it."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(sha256(script.encode()).digest()).decode() for script in scripts)
    return PAGE_POLICY.format(inline=" ".join(f"'sha256-{hash}'" for hash in hashes))


class KnownHosts:
    """Refuses requests to names that are not this server's, and what other sites' pages ask for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None
        if scope["type"] != "lifespan" and scope["path"] != HEALTH:
            refusal = _refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await _refused(scope, 403, refusal)(scope, receive, send)


def _refused(scope: Scope, status: int, sentence: str) -> Response:
    if scope["path"].startswith(API):
        return refusals.of_http(None, HTTPException(status, sentence))
    return PlainTextResponse(f"{sentence}\n", status)


def _refusal(scope: Scope, headers: Headers) -> str | None:
    host = headers.get("host", "")
    if not _is_known(_name(f"//{host}")):
        return "This server is not known by that name."
    if scope["path"].startswith(CLOSED):
        return "This is closed."
    if scope["type"] == "websocket" or scope["method"] not in SAFE:
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host and not _is_named(origin):
            return "This is for this server's own page only."
    return None


def _is_known(name: str | None) -> bool:
    return not hosts() or _is_among(name, hosts())


def _is_named(origin: str) -> bool:
    return _is_among(_name(origin), hosts())


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_among(name: str | None, hosts: tuple[str, ...]) -> bool:
    return name is not None and any(
        name == host or (host.startswith("*.") and name.endswith(host[1:])) for host in hosts
    )


@cache
def hosts() -> tuple[str, ...]:
    """The names in SRGAN_HOSTS; none where any will do. Raises BadOption."""
    named = [host.strip().lower() for host in os.environ.get(HOSTS_VARIABLE, "").split(",")]
    for host in filter(None, named):
        if not _is_name(host):
            raise BadOption(
                f"{HOSTS_VARIABLE} has {host!r}, which is no name of a host: "
                "please leave out ports, and all that is around the name in an address."
            )
    return tuple(filter(None, named))


def _is_name(host: str) -> bool:
    if ":" in host:
        return _is_ipv6(host)
    return all(c.isalnum() or c in "-." for c in host.removeprefix("*."))


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


class BoundedRequests:
    """Refuses a head that is too large, and ends the reading of a body that is, or that is slow."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope.get("headers", ())) > MOST_HEADERS:
            await _refused(scope, 431, "Too many headers.")(scope, receive, send)
        elif scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        else:
            await self.app(scope, Body(receive), send)


class Body:
    """`receive` for one request; raises HTTPException where a limit is passed."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began = time.monotonic()
        self._got = 0
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what comes now is the client's going
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience()):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "The request came too slowly.", CLOSE) from None
        self._whole = not message.get("more_body", False)
        self._got += len(message.get("body", b""))
        if self._got > limits().max_bytes + FRAMING_BYTES:
            raise HTTPException(413, "The request is too large.", CLOSE)
        return message

    def _patience(self) -> float:
        """Seconds until the next bytes have to be there."""
        idle = limits().max_idle_seconds
        whole = min(limits().max_seconds, idle + self._got / LEAST_BYTES_PER_SECOND)
        return min(idle, self._began + whole - time.monotonic())


def unexpected(request: Request, _error: Exception) -> Response:
    """The answer where something failed that should not have; it is logged after that."""
    headers = safe_headers(request.url.path)
    return PlainTextResponse(f"{words.UNEXPECTED}\n", 500, headers)
