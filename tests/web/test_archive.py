import asyncio
import http.client
import io
import zipfile
from urllib.parse import urlsplit

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import QueryParams

from srgan.upscaler import Options
from srgan.web import archive, server
from srgan.web.batch import Made
from srgan.web.wanted import Wanted
from tests.serving import app_served
from tests.web.test_batch import OPTIONS, Dropped, batch_of, dropped, finish, service

__all__ = ["service"]


@pytest.fixture
def port(service):
    routes, handlers = archive.routes(lambda: service), server.exception_handlers
    with app_served(Starlette(routes=routes, exception_handlers=handlers)) as port:
        yield port


def get(port, address):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/{address}")
    response = connection.getresponse()
    answer = response.status, response.headers, response.read()
    connection.close()
    return answer


@pytest.fixture
def batch(service):
    twin = dropped("a.png", (5, 4))
    twin = Dropped("a.PNG", twin.data)
    batch = batch_of(dropped("a.png"), Dropped("b.png", b"no picture"), twin)
    batch.start(OPTIONS)
    finish(batch, service)
    batch.offered = OPTIONS
    return batch


@pytest.mark.parametrize(
    ("wanted", "names", "format"),
    [
        (Wanted(), ["a-4x.png", "a-4x (2).png"], "PNG"),
        (Wanted("JPEG", 80), ["a-4x.jpg", "a-4x (2).jpg"], "JPEG"),
    ],
)
def test_the_zip_has_every_result_in_the_format_asked_for(port, batch, wanted, names, format):
    status, headers, body = get(port, archive.address(batch, wanted))
    assert (status, headers["content-type"]) == (200, "application/zip")
    assert headers["content-length"] is None
    assert headers["transfer-encoding"] == "chunked"
    assert "attachment" in headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        assert file.testzip() is None
        assert file.namelist() == names
        pictures = [Image.open(io.BytesIO(file.read(name))) for name in names]
    assert [(p.format, p.size) for p in pictures] == [(format, (24, 16)), (format, (20, 16))]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted("JPEG", 7),
        Wanted("WEBP", 100, transparency=False),
        Wanted("PNG", None, profile=False),
    ],
)
def test_the_address_has_all_that_is_wanted(batch, wanted):
    query = urlsplit(archive.address(batch, wanted)).query
    assert Wanted.asked(QueryParams(query)) == wanted


def test_one_result_at_a_time_is_read(batch, monkeypatch):
    read: list[str] = []
    whole = Made.file

    def file(made, *wanted):
        read.append(made.source.name)
        return whole(made, *wanted)

    monkeypatch.setattr(Made, "file", file)
    asyncio.run(anext(pieces_of(batch)))
    assert read == ["a.png"]


def test_a_zip_on_its_way_goes_on_while_the_next_is_worked_on(batch, service):
    async def all_pieces():
        pieces = pieces_of(batch)
        got = [await anext(pieces)]
        batch.start(Options(scale=2))
        finish(batch, service)
        return b"".join(got + [piece async for piece in pieces])

    with zipfile.ZipFile(io.BytesIO(asyncio.run(all_pieces()))) as file:
        assert file.namelist() == ["a-4x.png", "a-4x (2).png"]


def pieces_of(batch):
    async def turn(add):
        add()

    return archive._pieces(batch.finished(), Wanted(), turn)


def test_no_archive_begins_while_the_server_stops(port, batch, service):
    service.stop()
    status, headers, _ = get(port, archive.address(batch, Wanted()))
    assert (status, int(headers["retry-after"]) > 0) == (503, True)


def test_nothing_is_found_without_the_secret_or_for_nonsense(port, batch):
    address = archive.address(batch, Wanted("PNG", 90))
    assert get(port, address)[0] == 200
    for wrong in (
        address.replace(batch.secret, "guess"),
        address.replace("PNG", "GIF"),
        address.replace("90", "0"),
        address.replace("90", "101"),
        address.replace("90", "high"),
        address.partition("?")[0],
    ):
        assert get(port, wrong)[0] == 404
