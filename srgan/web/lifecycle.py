"""The server's life: it starts with the networks loaded, and stops without breaking off work."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import streamlit as st
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from srgan import heap, seclusion
from srgan.errors import BadOption, SrganError
from srgan.limits import limits
from srgan.web import jobs, logs, security
from srgan.web.security_connection import HEAD_BYTES, Connection
from srgan.web.service import Service, service

logger = logging.getLogger(__name__)

PAGE = Path(__file__).parents[2] / "app.py"

# Cloud Run kills 10 seconds after SIGTERM. Work may go on for the first; then answers are taken for
# the second, after which the lines are cut.
FINISH_SECONDS = 6.0
ANSWER_SECONDS = 2
LINGER_SECONDS = 0.5  # without any work: requests on their way get a sentence, and no broken line
GARBAGE_SECONDS = 10.0
MESSAGE_BYTES = 1024 * 1024  # from a browser over its websocket: what was clicked, never pictures


def serve(address: str, port: int) -> int:
    """Serve the page and the API until SIGTERM or Ctrl-C; returns the exit code.

    Raises BadOption where the page or the address is not there or a setting makes no sense, and
    SystemExit where the server cannot start, after a line in the log that says why.
    """
    logs.set_up()
    security.hosts()  # else it would be visitors who find that they are wrong
    heap.give_back()
    seclusion.shut_memory()
    with _bound(address, port) as listening:
        app = _page(address, port)
        Server(configuration(without_traceback(app), address, port)).run([listening])
    logger.info("The server has stopped.")
    if _still_at_work():
        logging.shutdown()
        os._exit(0)  # a tile cannot be broken off, and Python's own end would wait or crash
    return 0


def _still_at_work() -> bool:
    """Whether a job goes on, or any thread that Python's own end would wait for."""
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return any(thread.name == jobs.THREAD or not thread.daemon for thread in others)


def configuration(app: ASGIApp, address: str, port: int) -> uvicorn.Config:
    """How uvicorn serves `app`: no client may hold more than its share, and none for ever."""
    return uvicorn.Config(
        app,
        address,
        port,
        http=Connection,
        h11_max_incomplete_event_size=HEAD_BYTES,
        limit_concurrency=limits().max_connections,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=ANSWER_SECONDS + 1,  # by then all lines are cut
    )


class Server(uvicorn.Server):
    """Listens on while the work that is under way comes to its end, and exits with 0 then."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at once where this was asked for before."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        logs.take_over_libraries()  # once more, for what was imported since
        gc.freeze()  # what is there now stays, so it need not be looked through again
        self._collecting = asyncio.create_task(collect_garbage())
        logger.info("Pixel Perfect: http://%s:%d", self.config.host, self.config.port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.force_exit:
            await finish(service(), FINISH_SECONDS, self._answering)
        self._collecting.cancel()
        cutting = asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._cut)
        await super().shutdown(sockets)
        cutting.cancel()

    def _answering(self) -> bool:
        lines = list(self.server_state.connections)
        return any(isinstance(line, Connection) and line.answering for line in lines)

    def _cut(self) -> None:
        """Go on without those who do not take their answers, as if they had gone."""
        for line in list(self.server_state.connections):
            line.transport.abort()


async def collect_garbage() -> None:
    """Free what sessions leave behind, now and then.

    Streamlit would do that after each of half a dozen runs of the page for a picture
    (`runner.postScriptGC`), and hold all threads every time: docs/speed.md has what that cost.
    """
    while True:
        await asyncio.sleep(GARBAGE_SECONDS)
        gc.collect()


async def finish(service: Service, seconds: float, answering: Callable[[], bool]) -> None:
    """Begin nothing new, and say so; wait up to `seconds` for what is under way, then cancel it.

    Under way are the jobs, and whatever `answering` tells.
    """
    service.stop()
    end = time.monotonic() + seconds
    await asyncio.sleep(min(LINGER_SECONDS, seconds))
    while (service.queue.busy or answering()) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    service.close()


def without_traceback(app: ASGIApp) -> ASGIApp:
    """`app`, which says in a sentence why it cannot start where that was foreseen."""

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        failed: Message | None = None

        async def send_unless_failed(message: Message) -> None:
            nonlocal failed
            if message["type"] == "lifespan.startup.failed":
                failed = message
            else:
                await send(message)

        try:
            await app(scope, receive, send_unless_failed)
        except SrganError as error:
            if failed is None:
                raise
            await send({**failed, "message": f"The server cannot start. {error}"})
        except BaseException:
            if failed is not None:
                await send(failed)
            raise

    return telling


def _page(address: str, port: int) -> Any:
    """The ASGI app of the page, with those of Streamlit's settings that have another home here."""
    if not PAGE.is_file():
        raise BadOption(
            f"The page is not at {PAGE}: it can be served from the program's own folder only."
        )
    settings = {
        "ADDRESS": address,
        "PORT": str(port),
        "MAX_UPLOAD_SIZE": str(-(-limits().max_bytes // 2**20)),  # what Streamlit takes for MB
        "HEADLESS": "true",
    }
    os.environ.update({f"STREAMLIT_SERVER_{name}": value for name, value in settings.items()})
    specification = importlib.util.spec_from_file_location("app", PAGE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    st.get_option("server.port")  # reads all settings now, and sets Streamlit's log up
    logs.take_over_libraries()
    return module.app


def _bound(address: str, port: int) -> socket.socket:
    """A socket that listens once the server has started. Raises BadOption."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows this would let others have the same address.
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" means both
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        raise BadOption(f"Nothing can be served at {address}:{port} ({error.strerror}).") from error
    return bound
