"""Two visitors of the real page: neither comes near what the other has."""

import hashlib
import http.client
import io
import os
import time
import uuid
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.fakes import SOON
from tests.load.visitor import Visitor, ask
from tests.serving import page_served

NAME = "../../../holiday in \u202egnp.png"


def picture(seed):
    out = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (16, 24, 3), np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with page_served(tmp_path_factory, SRGAN_MAX_PICTURES="2", SRGAN_HOSTS="127.0.0.1") as address:
        yield address


@pytest.fixture(scope="module")
def owner(address):
    """A visitor with a finished picture, and the address of it."""
    with Visitor(address) as visitor:
        assert visitor.upload(NAME, picture(1)).status == 204
        visitor.press("Upscale")
        visitor.wait_for("link_button", "Download")
        answer = visitor.download()
        visitor.url, visitor.result = answer.path, answer.body  # type: ignore[attr-defined]
        visitor.disposition = answer.headers["content-disposition"]  # type: ignore[attr-defined]
        yield visitor


def test_the_owner_has_it_under_a_name_that_is_no_path(owner):
    assert Image.open(io.BytesIO(owner.result)).size == (96, 64)
    disposition = owner.disposition
    assert disposition.startswith("attachment")
    assert "/" not in disposition
    assert ".." not in disposition


def test_addresses_of_results_cannot_be_guessed(owner, address):
    data = picture(1)
    guesses = [
        "media/",
        "media/0.png",
        "media/../media/",
        f"media/{owner.session_id}.png",
        f"media/{hashlib.sha256(data).hexdigest()}.png",
        f"media/{hashlib.md5(data).hexdigest()}.png",
        f"media/{hashlib.sha1(NAME.encode()).hexdigest()}.png",
        f"{owner.url.partition('?')[0].lstrip('/')}",  # without what is wanted
        f"result/{owner.url.split('/')[2][:-1]}_/a.png?format=PNG",
        *(f"media/{uuid.uuid4().hex}.png" for _ in range(20)),
        *(f"pixels/{guess}" for guess in ("", "0", "slider", owner.session_id, uuid.uuid4().hex)),
        *(f"pixels/{guess}/0/0" for guess in ("0", "*", owner.session_id)),
        *(f"result/{guess}/a.png?format=PNG" for guess in ("0", owner.session_id)),
        *(f"archive/{guess}?format=PNG" for guess in ("0", owner.session_id, uuid.uuid4().hex)),
    ]
    for guess in guesses:
        answer = ask(address, "GET", f"/{guess}")
        assert answer.status in (301, 400, 403, 404) or b"<html" in answer.body, guess
        assert owner.result[:100] not in answer.body


def test_a_stranger_cannot_put_anything_into_another_session(owner, address):
    with Visitor(address) as stranger:
        for session in ("", "0", "..", uuid.uuid4().hex):
            path = f"/_stcore/upload_file/{session}/{uuid.uuid4()}"
            assert stranger.put(path, "x.png", picture(2)).status in (400, 403, 404, 405)
        message = BackMsg()
        message.backend_operation_request.request_id = "1"
        message.backend_operation_request.session_id = owner.session_id
        message.backend_operation_request.deferred_file.file_id = "0" * 32
        stranger.send(message)
        while (got := stranger._receive()).WhichOneof("type") != "backend_operation_response":
            pass
        assert got.backend_operation_response.error_msg


def test_an_upload_needs_the_token(owner, address):
    path = f"/_stcore/upload_file/{owner.session_id}/{uuid.uuid4()}"
    for headers in ({}, {"X-Xsrftoken": "2|0|0|0"}, {"X-Xsrftoken": owner.token}):
        assert ask(address, "PUT", path, b"x", headers).status == 403
    foreign = {"Origin": "http://evil.example"}
    assert owner.put(path, "x.png", picture(2), **foreign).status == 403


def test_a_session_holds_no_more_uploads_than_there_is_room_for(owner, address):
    with Visitor(address) as visitor:
        path = f"/_stcore/upload_file/{visitor.session_id}/"
        said = [visitor.put(path + str(uuid.uuid4()), "x.png", picture(2)) for _ in range(5)]
        assert [answer.status for answer in said] == [204] * 4 + [503]
        assert "retry-after" in said[-1].headers


@pytest.fixture
def narrow(tmp_path_factory):
    """The page with room for one upload of all visitors."""
    limits = {"SRGAN_MAX_BYTES": "1000000", "SRGAN_MAX_UPLOAD_BYTES": "1000100"}
    with page_served(tmp_path_factory, **limits) as address:
        yield address


def test_all_sessions_together_hold_no_more_uploads_than_there_is_room_for(narrow):
    with Visitor(narrow) as first, Visitor(narrow) as second:
        with upload_under_way(first):
            eventually(lambda: not has_room(second))
        eventually(lambda: has_room(second))
        assert first.upload("a.png", picture(1)).status == 204
        for visitor in (first, second):
            answer = visitor.upload("b.png", picture(2))
            assert (answer.status, answer.headers["retry-after"]) == (503, "60")


def test_one_session_s_slow_uploads_leave_room_for_others(address):
    with Visitor(address) as slow, Visitor(address) as other, ExitStack() as begun:
        for _ in range(4):
            begun.enter_context(upload_under_way(slow))
        eventually(lambda: slow.upload("a.png", picture(2)).status == 503)
        refused = slow.upload("a.png", picture(2))
        assert b"being sent" in refused.body
        assert "retry-after" in refused.headers
        assert other.upload("a.png", picture(2)).status == 204


@contextmanager
def upload_under_way(visitor):
    """An upload that has begun, and goes away unfinished."""
    address = urlsplit(visitor.address).netloc
    kind = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "1000"}
    with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.putrequest("PUT", f"/_stcore/upload_file/{visitor.session_id}/{uuid.uuid4()}")
        for name, value in {**visitor.headers, **kind}.items():
            connection.putheader(name, value)
        connection.endheaders(b"--b")
        yield


def has_room(visitor):
    """Asked by an upload for no session, which is refused for that."""
    answer = visitor.put("/_stcore/upload_file/nobody/1", "x.png", picture(2))
    assert answer.status in (400, 503)
    return answer.status == 400


def eventually(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_no_page_asks_for_does_nothing(owner, address):
    """To empty everybody's caches, to read the folder's history, to write files."""
    with Visitor(address) as stranger:
        for kind in ("clear_cache", "load_git_info", "debug_shutdown_runtime"):
            message = BackMsg()
            setattr(message, kind, True)
            stranger.send(message)
        message = BackMsg()
        message.backend_operation_request.install_skills.SetInParent()
        stranger.send(message)
        stranger.run()  # answers come in order: this is all there is
        assert stranger.button("Try it with this sample picture")
    assert owner.download().body == owner.result


@pytest.mark.parametrize(
    "path",
    [
        "/v1/upscale?model=../../etc/passwd",
        "/v1/upscale?model=/etc/passwd",
        "/v1/upscale?format=/tmp/x.png",
        "/v1/upscale?output=/tmp/x.png",
        "/v1/upscale?width=1e9",
    ],
)
def test_options_are_no_paths(address, path):
    answer = ask(address, "POST", path, picture(3))
    assert (answer.status, answer.json["error"]) == (400, "BadOption")


@pytest.mark.parametrize(
    "path",
    [
        "/../../../etc/passwd",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/media/..%2f..%2fetc%2fpasswd",
        "/app/static/../app.py",
        "/component/../../app.py",
        "//etc/passwd",
        "/_stcore/bidi-components/../../../etc/passwd",
        "/app.py",
        "/.streamlit/config.toml",
    ],
)
def test_no_address_leads_into_the_file_system(address, path):
    answer = ask(address, "GET", path)
    assert b"root:" not in answer.body
    assert b"fileWatcherType" not in answer.body
    assert b"st.App" not in answer.body


def test_a_form_s_file_name_is_never_a_file(address):
    edge = "b"
    target = Path(f"/tmp/srgan-{os.getpid()}.png")
    named = f'Content-Disposition: form-data; name="file"; filename="{target}"'
    body = f"--{edge}\r\n{named}\r\n\r\n".encode() + picture(4) + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    assert ask(address, "POST", "/v1/upscale", body, kind).status == 200
    assert not target.exists()


def test_the_page_is_not_for_other_names(address):
    assert ask(address, "GET", "/", headers={"Host": "rebound.example"}).status == 403
