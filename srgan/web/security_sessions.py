"""What a session of the page may ask of Streamlit: what this page needs, and no more."""

from __future__ import annotations

from collections import Counter

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from srgan.limits import limits

UPLOADS = "/_stcore/upload_file/"

NO_ROOM = "There is no room for this file now. Please take others away, or try again later.\n"
MANY = "Many files are being sent already. Please try again in a minute.\n"

# Not among them: emptying the caches of all visitors, reading the folder's history, writing files.
ASKED_BY_THE_PAGE = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request")
OPERATIONS = ("deferred_file",)


class OnlyThePagesMessages:
    """Drops what a browser that shows this page never has to send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def receive_known() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or _is_known(message.get("bytes")):
                    return message

        await self.app(scope, receive_known, send)


def _is_known(data: bytes | None) -> bool:
    message = BackMsg()
    try:
        message.ParseFromString(data or b"")
    except DecodeError:
        return True  # Streamlit closes the connection
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in OPERATIONS
    return kind in ASKED_BY_THE_PAGE


class BoundedUploads:
    """Refuses an upload when its session, or all of them together, hold as much as they may."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._under_way: Counter[str] = Counter()  # by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not runtime.exists():
            await self.app(scope, receive, send)
            return
        session = scope["path"].removeprefix(UPLOADS).partition("/")[0]
        if refusal := self._refusal(session):
            await PlainTextResponse(refusal, 503, {"Retry-After": "60"})(scope, receive, send)
            return
        self._under_way[session] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._under_way[session] -= 1
            self._under_way += Counter()  # forgets those without any

    def _refusal(self, session: str) -> str | None:
        held = runtime.get_instance().uploaded_file_mgr
        assert isinstance(held, MemoryUploadedFileManager)
        # twice, for those that take the place of others which are still on the page
        most = 2 * limits().max_pictures
        own = len(held.file_storage.get(session, ()))
        files = [file for files in list(held.file_storage.values()) for file in [*files.values()]]
        left = limits().max_upload_bytes - sum(len(file.data) for file in files)
        if own >= most or left < limits().max_bytes:
            return NO_ROOM
        own += self._under_way[session]
        if own >= most or left < (self._under_way.total() + 1) * limits().max_bytes:
            return MANY
        return None
