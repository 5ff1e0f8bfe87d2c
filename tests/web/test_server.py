import asyncio

import pytest

from srgan.web.server import ChunkedDownloads

LIMIT = 1000


def headers_after(headers):
    """The headers that reach the client of an app which sends `headers`."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    asyncio.run(ChunkedDownloads(app, LIMIT)({"type": "http"}, receive, send))
    assert sent[1] == {"type": "http.response.body", "body": b"x"}
    return sent[0]["headers"]


@pytest.mark.parametrize("name", [b"content-length", b"Content-Length"])
def test_a_large_response_goes_without_its_length_so_that_it_is_sent_in_chunks(name):
    kind = (b"content-type", b"image/png")
    assert headers_after([kind, (name, b"1001")]) == [kind]


def test_a_small_response_keeps_its_length_and_with_it_the_progress_bar():
    headers = [(b"content-type", b"image/png"), (b"content-length", b"1000")]
    assert headers_after(headers) == headers
