import asyncio

import numpy as np
import pytest

from srgan.web.server import PIECE_BYTES, ChunkedDownloads

LIMIT = 1000


def headers_after(headers):
    """The headers that reach the client of an app which sends `headers`."""
    start, *rest = sent_by([{"type": "http.response.body", "body": b"x"}], headers)
    assert rest == [{"type": "http.response.body", "body": b"x"}]
    return start["headers"]


def sent_by(bodies, headers=()):
    """What reaches the server of an app which sends these."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for body in bodies:
            await send(body)

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    asyncio.run(ChunkedDownloads(app, LIMIT)({"type": "http"}, receive, send))
    return sent


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_response_goes_in_pieces(count, extra):
    body = np.arange(max(0, count * PIECE_BYTES + extra)).astype(np.uint8).tobytes()
    _, *pieces = sent_by([{"type": "http.response.body", "body": body}])
    assert b"".join(piece["body"] for piece in pieces) == body
    assert all(len(piece["body"]) <= PIECE_BYTES for piece in pieces)
    more = [piece.get("more_body", False) for piece in pieces]
    assert more == [True] * (len(pieces) - 1) + [False]


@pytest.mark.parametrize("name", [b"content-length", b"Content-Length"])
def test_a_large_response_goes_without_its_length_so_that_it_is_sent_in_chunks(name):
    kind = (b"content-type", b"image/png")
    assert headers_after([kind, (name, b"1001")]) == [kind]


def test_a_small_response_keeps_its_length_and_with_it_the_progress_bar():
    headers = [(b"content-type", b"image/png"), (b"content-length", b"1000")]
    assert headers_after(headers) == headers
