"""What a session of the page may ask of Streamlit: what this page needs, and no more."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from srgan.limits import limits

UPLOADS = "/_stcore/upload_file/"

NO_ROOM = "There is no room for this file now. Please take others away, or try again later.\n"

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
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not runtime.exists():
            await self.app(scope, receive, send)
        elif self._is_too_much(scope["path"].removeprefix(UPLOADS).partition("/")[0]):
            await PlainTextResponse(NO_ROOM, 503, {"Retry-After": "60"})(scope, receive, send)
        else:
            self._under_way += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._under_way -= 1

    def _is_too_much(self, session: str) -> bool:
        held = runtime.get_instance().uploaded_file_mgr
        assert isinstance(held, MemoryUploadedFileManager)
        # twice, for those that take the place of others which are still on the page
        if len(held.file_storage.get(session, ())) >= 2 * limits().max_pictures:
            return True
        files = [file for files in list(held.file_storage.values()) for file in [*files.values()]]
        there = sum(len(file.data) for file in files)
        return there + (self._under_way + 1) * limits().max_bytes > limits().max_upload_bytes
