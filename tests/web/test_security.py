"""What strangers may send, tried on a real server with the program's own settings."""

import asyncio
import contextlib
import socket
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from srgan.errors import BadOption
from srgan.limits import Limits
from srgan.web import lifecycle, security, security_connection, server
from tests.load.visitor import ask
from tests.serving import app_served

LARGE = 30_000_000  # more than lies in the buffers of a connection
SOON = 20  # seconds; only ends a hang
LIMITS = Limits(max_bytes=100_000, max_idle_seconds=1, max_seconds=2)


async def echo(request: Request):
    return PlainTextResponse(str(len(await request.body())))


async def broken(_request):
    raise ZeroDivisionError("a secret")


async def endless(_request):
    def pieces():
        while True:
            yield bytes(1_000_000)

    return StreamingResponse(pieces())


async def large(_request):
    return Response(bytes(LARGE))


async def waits(request: Request):
    """As an upscale does for its picture."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.01)
    return PlainTextResponse("gone")


async def talk(websocket):
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


@pytest.fixture
def address(monkeypatch):
    """Of a small app behind all that stands before the page, with small limits."""
    for module in (security, security_connection):
        monkeypatch.setattr(module, "limits", lambda: LIMITS)
    monkeypatch.setattr(security, "FRAMING_BYTES", 0)
    app = Starlette(
        routes=[
            Route("/", echo, methods=["GET", "POST"]),
            Route("/v1/health", echo),
            Route("/media/x", echo),
            Route("/broken", broken),
            Route("/endless", endless),
            Route("/large", large),
            Route("/waits", waits),
            WebSocketRoute("/talk", talk),
        ],
        middleware=server.middleware,
        exception_handlers=server.exception_handlers,
    )
    with app_served(lifecycle.configuration(app, "127.0.0.1", 0)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def hosts(monkeypatch):
    def named(text):
        monkeypatch.setenv(security.HOSTS_VARIABLE, text)
        security.hosts.cache_clear()

    yield named
    monkeypatch.undo()
    security.hosts.cache_clear()


@contextmanager
def line(address):
    """A connection to write on as one likes."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=SOON) as connected:
        yield connected


def answer_on(connected):
    """All that comes until the server hangs up."""
    got = b""
    try:
        while piece := connected.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/nothing", 404),
        ("DELETE", "/", 405),
        ("GET", "/media/x", 200),
        ("GET", "/broken", 500),
        ("GET", "/_stcore/metrics", 403),
    ],
)
def test_every_response_has_the_headers(address, method, path, status):
    answer = ask(address, method, path)
    assert answer.status == status
    for name, value in security.EVERYWHERE.items():
        assert answer.headers[name.lower()] == value
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert ("sandbox" in policy) == (path == "/media/x")
    assert "unsafe-eval" not in policy
    assert b"secret" not in answer.body
    assert "server" not in answer.headers


def test_the_page_s_policy_lets_only_known_scripts_run():
    scripts = security.page_policy().partition("script-src ")[2].partition(";")[0].split()
    assert scripts[:2] == ["'self'", "blob:"]
    assert scripts[2:]
    assert all(script.startswith("'sha256-") for script in scripts[2:])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("example.org", 200),
        ("example.org:8080", 200),
        ("EXAMPLE.org", 200),
        ("a.b.example.net", 200),
        ("example.net", 403),
        ("evil.example", 403),
        ("example.org.evil.example", 403),
        ("", 403),
        ("[", 403),
    ],
)
def test_only_names_of_this_server_are_answered(address, hosts, host, status):
    hosts("example.org, *.example.net")
    assert ask(address, "GET", "/", headers={"Host": host}).status == status
    assert ask(address, "GET", "/v1/health", headers={"Host": host}).status == 200


def test_programs_are_refused_in_json(address, hosts):
    hosts("example.org")
    answer = ask(address, "GET", "/v1/models", headers={"Host": "evil.example"})
    said = {"error": "Forbidden", "message": "This server is not known by that name."}
    assert (answer.status, answer.json) == (403, said)


def test_any_name_will_do_unless_told_otherwise(address):
    assert ask(address, "GET", "/", headers={"Host": "anything"}).status == 200


@pytest.mark.parametrize(
    "name",
    ["https://example.org", "localhost:8501", "*.example.org:80", "[::1]", "[::1]:80", "a b"],
)
def test_a_name_that_is_none_is_told(hosts, name):
    hosts(f"example.org, {name}")
    with pytest.raises(BadOption, match=r"SRGAN_HOSTS has .* ports"):
        security.hosts()


def test_addresses_are_names_too(address, hosts):
    hosts("127.0.0.1, ::1")
    for host in ("127.0.0.1:8501", "[::1]", "[::1]:8501"):
        assert ask(address, "GET", "/", headers={"Host": host}).status == 200
    assert ask(address, "GET", "/", headers={"Host": "[::2]"}).status == 403


def test_pages_of_other_sites_cannot_have_anything_done(address, hosts):
    own = address
    assert ask(address, "POST", "/", b"", {"Origin": own}).status == 200
    assert ask(address, "POST", "/", b"").status == 200  # a program
    for other in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert ask(address, "POST", "/", b"", {"Origin": other}).status == 403
        assert ask(address, "GET", "/", headers={"Origin": other}).status == 200
    hosts("127.0.0.1, friend.example")
    assert ask(address, "POST", "/", b"", {"Origin": "https://friend.example"}).status == 200


def test_nor_open_a_websocket(address):
    where = address.replace("http", "ws") + "/talk"
    with connect(where, origin=Origin(address)) as mine:
        assert mine.recv(SOON) == "hello"
    with pytest.raises(InvalidStatus) as refused:
        connect(where, origin=Origin("http://evil.example"))
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_is_too_large_is_not_read_to_its_end(address, chunked):
    with line(address) as connected:
        if chunked:
            connected.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            connected.sendall(b"186a1\r\n" + bytes(100_001) + b"\r\n")  # and it never ends
        else:
            connected.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n")
            connected.sendall(bytes(100_001))
        assert answer_on(connected).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_the_limit_is_read(address):
    assert ask(address, "POST", "/", bytes(100_000)).body == b"100000"


def test_a_body_that_stands_still_is_given_up(address):
    with line(address) as connected:
        connected.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
        assert answer_on(connected).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_dribbles_is_given_up_in_the_end(address):
    with line(address) as connected:
        connected.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
        assert dribble(connected, b"x").startswith(b"HTTP/1.1 408 ")


def body_of(pieces, pause):
    """What `Body` reads of a client that sends these after a pause each."""

    async def read():
        left = list(pieces)

        async def receive():
            await asyncio.sleep(pause)
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        body, got = security.Body(receive), b""
        while True:
            message = await body()
            got += message["body"]
            if not message["more_body"]:
                return got

    return asyncio.run(asyncio.wait_for(read(), SOON))


@pytest.fixture
def patient(monkeypatch):
    limits = Limits(max_bytes=100_000, max_idle_seconds=1, max_seconds=1000)
    monkeypatch.setattr(security, "limits", lambda: limits)


def test_a_body_has_no_longer_than_its_bytes_are_worth(patient):
    with pytest.raises(HTTPException) as refused:
        body_of([b"x"] * 100_000, pause=0.01)
    assert refused.value.status_code == 408


def test_a_body_that_comes_steadily_may_take_its_time(patient, monkeypatch):
    monkeypatch.setattr(security, "LEAST_BYTES_PER_SECOND", 100)
    assert body_of([bytes(100)] * 12, pause=0.1) == bytes(1200)  # within 13 seconds


def read_all(connected):
    """An answer, until nothing more comes."""
    patience = connected.gettimeout()
    connected.settimeout(1)
    with contextlib.suppress(TimeoutError):
        while connected.recv(65536):
            pass
    connected.settimeout(patience)


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_a_head_that_dribbles_is_cut_also_on_a_connection_that_was_good_before(address, first):
    with line(address) as connected:
        connected.sendall(first)
        if first:
            read_all(connected)
        connected.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert dribble(connected, b"x") == b""


def test_a_connection_that_says_nothing_is_cut(address):
    with line(address) as connected:
        assert answer_on(connected) == b""


def dribble(connected, byte):
    """Send one byte again and again until the server has had enough; what it answered."""
    end = time.monotonic() + SOON
    connected.settimeout(0.2)
    while time.monotonic() < end:
        try:
            connected.sendall(byte)
            got = connected.recv(65536)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return b""
        return got
    raise TimeoutError


@pytest.mark.parametrize("count", [200, 9000])
def test_too_many_headers_are_refused(address, count):
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    with line(address) as connected:
        connected.sendall(head + b"".join(b"X-%d: y\r\n" % i for i in range(count)) + b"\r\n")
        assert answer_on(connected).startswith(b"HTTP/1.1 4")


def test_a_head_without_an_end_is_refused(address):
    with line(address) as connected:
        connected.sendall(b"GET / HTTP/1.1\r\nX: " + bytes(security_connection.HEAD_BYTES))
        assert answer_on(connected).startswith(b"HTTP/1.1 4")


def test_who_does_not_take_what_was_asked_for_is_cut(address):
    with line(address) as connected:
        connected.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(LIMITS.max_idle_seconds + 1)
        got = answer_on(connected)
    assert got.startswith(b"HTTP/1.1 200 ")  # and what lay ready, and then the end


def test_who_takes_it_slowly_gets_all_of_it(address):
    """More slowly than the whole could be taken in the time there is for a piece of it."""
    with line(address) as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connected.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = 0
        while piece := connected.recv(250_000):
            got += len(piece)
            time.sleep(len(piece) / (LARGE / (3 * LIMITS.max_idle_seconds)))
    assert got > LARGE


def test_more_connections_than_there_may_be_are_refused(monkeypatch):
    monkeypatch.setattr(lifecycle, "limits", lambda: replace(LIMITS, max_connections=3))
    app = Starlette(routes=[Route("/", echo)])
    with (
        app_served(lifecycle.configuration(app, "127.0.0.1", 0)) as port,
        line(f"http://127.0.0.1:{port}"),
        line(f"http://127.0.0.1:{port}"),
    ):
        assert ask(f"http://127.0.0.1:{port}", "GET", "/").status == 503


def send_much(connected):
    for _ in range(100):
        connected.sendall(bytes(100_000))
        time.sleep(0.01)


@pytest.mark.parametrize("head", [b"", b"Connection: close\r\n", b"Transfer-Encoding: chunked\r\n"])
@pytest.mark.parametrize("path", [b"/waits", b"/endless"])
def test_what_comes_after_a_request_is_not_kept_without_end(address, caplog, path, head):
    with line(address) as connected:
        connected.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n")
        if path == b"/endless":
            assert connected.recv(20).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionError):
            send_much(connected)
    assert "Traceback" not in caplog.text


def test_a_next_request_may_come_before_the_answer(address):
    head = b"GET /%s HTTP/1.1\r\nHost: a\r\nX-Much: " + bytes(b"x" * 20_000) + b"\r\n"
    with line(address) as connected:
        connected.sendall(head % b"" + b"\r\n" + head % b"nothing" + b"Connection: close\r\n\r\n")
        got = answer_on(connected)
    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 404 " in got
