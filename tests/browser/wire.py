"""A wire between a browser and the server, which a test can cut."""

import asyncio
import threading
from contextlib import contextmanager


class Wire:
    """Passes bytes on between `port`, once it is open, and a server's port."""

    def __init__(self, to):
        self.to = to
        self.port = 0
        self._ends = set()
        self._whole = True
        self._loop = asyncio.new_event_loop()

    def cut(self):
        """Break all connections and let none through until `mend`."""
        self._whole = False
        self._loop.call_soon_threadsafe(self._close)

    def mend(self):
        """Let connections through again."""
        self._whole = True

    async def _accept(self, reader, writer):
        if not self._whole:
            writer.close()
            return
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.to)
        ends = {writer, onward_writer}
        self._ends |= ends
        await asyncio.gather(_pass(reader, onward_writer), _pass(onward_reader, writer))
        self._ends -= ends

    def _close(self):
        for end in self._ends:
            end.transport.abort()

    def _run(self, opened):
        async def serve():
            server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            opened.set()
            await self._closed.wait()
            self._close()
            server.close()

        self._closed = asyncio.Event()
        self._loop.run_until_complete(serve())

    @contextmanager
    def open(self):
        """The wire as long as the context lasts."""
        opened = threading.Event()
        thread = threading.Thread(target=self._run, args=(opened,), daemon=True)
        thread.start()
        assert opened.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._closed.set)
            thread.join(10)


async def _pass(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
