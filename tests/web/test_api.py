"""The HTTP API through a real socket, with an upscaler that only enlarges."""

import http.client
import io
import json
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import srgan.web.api
from srgan.errors import BrokenPicture, NetworkUnavailable, NotEnoughMemory, WorkerLost
from srgan.limits import Limits
from srgan.web import words
from srgan.web.jobs import JobQueue
from srgan.web.service import Service
from tests.fakes import SOON, FakeUpscaler
from tests.imaging import heic
from tests.serving import app_served, page_served

LIMITS = Limits(max_bytes=200_000, max_pixels=10_000)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def picture(self):
        return Image.open(io.BytesIO(self.body))


@pytest.fixture
def limits(monkeypatch):
    """Set the limits in force: `limits(max_bytes=1000)`."""

    def change(**changes):
        changed = replace(LIMITS, **changes)
        monkeypatch.setattr(srgan.web.api, "limits", lambda: changed)

    change()
    return change


@pytest.fixture
def service():
    upscaler: Any = FakeUpscaler()
    service = Service(upscaler, JobQueue(workers=1, capacity=1))
    yield service
    upscaler.go.set()
    service.queue.close()


@pytest.fixture
def port(service, limits):
    with app_served(srgan.web.api.application(lambda: service)) as port:
        yield port
        service.upscaler.go.set()


def ask(port, path="/upscale", body=None, headers=None, method=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    method = method or ("GET" if body is None else "POST")
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read())
    connection.close()
    return answer


def begin(port, body):
    """A request whose answer nobody reads yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/upscale", body)
    return connection


def file(format="PNG", size=(12, 9), **options):
    out = io.BytesIO()
    ramp = np.linspace(0, 255, size[0] * size[1] * 3).reshape(size[1], size[0], 3)
    Image.fromarray(ramp.astype(np.uint8)).save(out, format, **options)
    return out.getvalue()


def form(content, field="file"):
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="a.png"\r\n\r\n'
    body = head.encode() + content + b"\r\n--b--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


def eventually(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_picture_comes_back_four_times_as_wide_and_high_in_its_own_format(port):
    answer = ask(port, body=file("JPEG"))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert (answer.picture.format, answer.picture.size) == ("JPEG", (48, 36))


@pytest.mark.parametrize(
    ("data", "format", "size"),
    [
        (heic.FILES["turned"], "JPEG", (128, 192)),
        (file("AVIF", (32, 48)), "JPEG", (128, 192)),
        (heic.FILES["alpha"], "PNG", (192, 128)),
    ],
)
def test_a_photograph_of_a_phone_or_from_the_web_comes_back_as_jpeg(port, data, format, size):
    answer = ask(port, body=data)
    assert (answer.picture.format, answer.picture.size) == (format, size)


def test_a_form_does_as_well_as_a_body(port):
    assert ask(port, "/upscale", *form(file())).body == ask(port, body=file()).body


def test_the_type_of_a_form_may_have_capitals(port):
    body, _ = form(file())
    answer = ask(port, "/upscale", body, {"Content-Type": "Multipart/Form-Data; boundary=b"})
    assert answer.picture.size == (48, 36)


@pytest.mark.parametrize(
    ("query", "format", "size"),
    [
        ("scale=2&format=webp", "WEBP", (24, 18)),
        ("width=40&format=jpg&quality=50", "JPEG", (40, 30)),
        ("model=faithful&denoise=0.5&format=same", "PNG", (48, 36)),
    ],
)
def test_options(port, query, format, size):
    picture = ask(port, f"/upscale?{query}", file()).picture
    assert (picture.format, picture.size) == (format, size)


def test_quality_counts(port):
    sizes = [len(ask(port, f"/upscale?quality={q}", file("JPEG")).body) for q in (95, 20)]
    assert sizes[0] > sizes[1]


@pytest.mark.parametrize(
    ("noisy", "query", "suggested"),
    [(True, "scale=2", "true"), (True, "denoise=0.5", None), (False, "scale=2", None)],
)
def test_denoising_is_suggested_where_it_was_not_asked_for(port, service, noisy, query, suggested):
    service.upscaler.noisy = noisy
    answer = ask(port, f"/upscale?{query}", file())
    assert answer.status == 200
    assert answer.headers["Denoise-Suggested"] == suggested


@pytest.mark.parametrize(
    "query",
    [
        "colour=1",
        "model=best",
        "scale=2&scale=3",
        "scale=2&width=20",
        "scale=5",
        "scale=two",
        "denoise=nan",
        "denoise=",
        "width=1.5",
        "width=49",
        "format=gif",
        "quality=0",
        "url=http://127.0.0.1/a.png",
    ],
)
def test_a_bad_option_is_told_and_nothing_runs(port, service, query):
    answer = ask(port, f"/upscale?{query}", file())
    assert (answer.status, answer.json["error"]) == (400, "BadOption")
    assert query.partition("=")[0] in answer.json["message"]
    assert service.runs == 0


def animation():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "BadOption"),
        (b"Dear Sir or Madam,", 415, "NotAPicture"),
        (b"%PDF-1.7 and so on", 415, "UnsupportedFormat"),
        (file(size=(64, 64))[:-60], 422, "BrokenPicture"),
        (animation(), 422, "AnimatedPicture"),
        (file(size=(101, 100)), 413, "PictureTooLarge"),
    ],
)
def test_a_bad_picture_is_refused_before_it_is_put_in_line(port, service, body, status, error):
    answer = ask(port, body=body, method="POST")
    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["message"].endswith(".")
    assert service.runs == 0


def test_what_the_format_cannot_hold_is_refused_before_the_work(port, service):
    answer = ask(port, "/upscale?format=webp", file(size=(4100, 1)))
    assert (answer.status, answer.json["error"]) == (422, "CannotWrite")
    assert service.runs == 0


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (*form(file(), "picture"), 400),
        (form(b"")[0], form(b"")[1], 400),
        (b"--b\r\nnonsense", {"Content-Type": "multipart/form-data; boundary=b"}, 400),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
        (*form(bytes(LIMITS.max_bytes + 1)), 413),
        (*form(bytes(2 * LIMITS.max_bytes)), 413),
    ],
)
def test_bad_forms(port, body, headers, status):
    answer = ask(port, "/upscale", body, headers)
    assert answer.status == status
    assert set(answer.json) == {"error", "message"}


@pytest.mark.parametrize("name", ["denoise", "nonsense"])
def test_options_in_a_form_are_told_where_to_go(port, service, name):
    picture, headers = form(file())
    option = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n'
    answer = ask(port, "/upscale", option.encode() + picture, headers)
    assert (answer.status, answer.json["error"]) == (400, "BadOption")
    assert f"'{name}'" in answer.json["message"]
    assert "/v1/upscale?" in answer.json["message"]
    assert service.runs == 0


def test_a_body_that_says_how_large_it_is_is_refused_unread(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"POST /upscale HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_say_is_read_only_up_to_the_limit(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"POST /upscale HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            line.sendall(b"186a0\r\n" + bytes(100_000) + b"\r\n")  # and it never ends
        assert line.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_full_line_says_when_to_come_back(port, service):
    service.upscaler.go.clear()
    begun = [begin(port, file())]
    assert service.upscaler.first_tile.wait(SOON)
    begun.append(begin(port, file()))
    eventually(lambda: len(service.queue._waiting) == 1)
    answer = ask(port, body=file())
    assert (answer.status, answer.json["error"]) == (429, "QueueFull")
    assert int(answer.headers["retry-after"]) > 0
    service.upscaler.go.set()
    for connection in begun:
        response = connection.getresponse()
        assert (response.status, len(response.read()) > 0) == (200, True)
        connection.close()


def test_no_more_bodies_are_taken_in_than_can_be_at_work_or_in_line(port, limits):
    limits(max_running=1, max_waiting=2)
    with ExitStack() as begun:

        def begin_sending():
            line = begun.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            line.sendall(b"POST /upscale HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")

        begin_sending()
        begin_sending()
        assert ask(port, body=file()).status == 200
        begin_sending()
        eventually(lambda: ask(port, body=file()).status == 429)
    eventually(lambda: ask(port, body=file()).status == 200)


def test_those_who_only_send_are_not_said_to_wait(port, service, limits):
    limits(max_running=1, max_waiting=1)
    with ExitStack() as lines:
        for _ in range(2):
            line = socket.create_connection(("127.0.0.1", port), timeout=60)
            lines.enter_context(line).sendall(b"POST /upscale HTTP/1.1\r\nHost: a\r\n")
            line.sendall(b"Content-Length: 1000\r\n\r\nx")
        eventually(lambda: ask(port, body=b"x").status == 429)
        answer = ask(port, body=file())
    assert (answer.status, answer.json["error"]) == (429, "QueueFull")
    assert "being sent" in answer.json["message"]
    assert int(answer.headers["retry-after"]) > 1


def test_a_client_that_goes_takes_its_job_along(port, service):
    service.upscaler.go.clear()
    working = begin(port, file())
    assert service.upscaler.first_tile.wait(SOON)
    waiting = begin(port, file())
    eventually(lambda: len(service.queue._waiting) == 1)
    waiting.close()
    eventually(lambda: not service.queue._waiting)
    (job,) = service.queue._working
    working.close()
    eventually(job._stop.is_set)
    service.upscaler.go.set()
    assert job.wait(SOON)
    assert job.state == "cancelled"


def test_what_takes_too_long_is_stopped(port, service, limits):
    limits(max_seconds=1)
    service.upscaler.go.clear()
    answer = ask(port, body=file())
    assert (answer.status, answer.json["error"]) == (504, "Timeout")
    (job,) = service.queue._working
    service.upscaler.go.set()
    assert job.wait(SOON)
    assert job.state == "cancelled"


@pytest.mark.parametrize(
    ("error", "status", "name", "message"),
    [
        (BrokenPicture("It ends too early."), 422, "BrokenPicture", "It ends too early."),
        (NetworkUnavailable("It is gone."), 503, "NetworkUnavailable", "It is gone."),
        (NotEnoughMemory("It is full."), 503, "NotEnoughMemory", "It is full."),
        (WorkerLost("It ended."), 503, "WorkerLost", "It ended."),
        (ZeroDivisionError("secret"), 500, "Unexpected", words.UNEXPECTED),
    ],
)
def test_errors_of_the_work(port, service, error, status, name, message):
    service.upscaler.error = error
    answer = ask(port, body=file())
    assert (answer.status, answer.json) == (status, {"error": name, "message": message})


def test_models(port):
    models = ask(port, "/models").json
    assert models["default"] == "faithful-fast"
    assert [model["name"] for model in models["models"]] == ["faithful", "faithful-fast"]


def test_it_is_healthy_only_once_the_networks_are_loaded(port, service):
    assert ask(port, "/health").status == 503
    service.ready = True
    assert ask(port, "/health").json == {"status": "ready"}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/upscale", 405), ("GET", "/x", 404)]
)
def test_other_requests_get_json_too(port, method, path, status):
    answer = ask(port, path, method=method)
    assert (answer.status, set(answer.json)) == (status, {"error", "message"})


def test_the_document_describes_what_is_there(port):
    document = ask(port, "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    upscale = document["paths"]["/v1/upscale"]["post"]
    assert [p["name"] for p in upscale["parameters"]] == list(srgan.web.asked.NAMES)
    assert upscale["parameters"][0]["schema"]["enum"] == ["faithful", "faithful-fast"]
    assert {"200", "400", "413", "415", "422", "429", "504"} <= set(upscale["responses"])
    assert list(upscale["responses"]["200"]["headers"]) == ["Denoise-Suggested"]
    for path in document["paths"]:
        assert ask(port, path.removeprefix("/v1")).status in (200, 405, 503)


def test_the_page_s_own_server_has_it_too(tmp_path_factory):
    with page_served(tmp_path_factory) as address:
        port = int(address.rpartition(":")[2])
        assert ask(port, "/v1/health").json == {"status": "ready"}
        answer = ask(port, "/v1/upscale?scale=3", file("JPEG"))
        assert (answer.picture.format, answer.picture.size) == ("JPEG", (36, 27))
        assert ask(port, "/v1/upscale?scale=9", file()).status == 400
        for path in ("/v1/nothing", "/v1/", "/v1"):
            assert ask(port, path).json["error"] == "NotFound"
            assert ask(port, path, b"x").json["error"] == "NotFound"
