"""What the server says of itself: to people in lines, to machines in JSON, of pictures nothing."""

import json
import logging
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from srgan.errors import BadOption, BrokenPicture
from srgan.upscaler import Options
from srgan.web import logs
from srgan.web.jobs import State
from tests.fakes import SOON
from tests.faults.conftest import service  # noqa: F401
from tests.faults.test_clients import picture

FIELDS = {
    "event",
    "outcome",
    "seconds",
    "waited_seconds",
    "begun",
    "size",
    "result_size",
    "tiles",
    "model",
    "denoise",
}


def line_of(record):
    return json.loads(logs.JsonLine().format(record))


def account(caplog):
    """The fields of the one line on an upscale."""
    (record,) = [r for r in caplog.records if getattr(r, "fields", {}).get("event") == "upscale"]
    return line_of(record)


def test_an_upscale_leaves_one_line(service, caplog):  # noqa: F811
    caplog.set_level(logging.INFO)
    job = service.upscale(picture(), Options(model="faithful", denoise=0.5, scale=2))
    assert job.wait(SOON)
    line = account(caplog)
    assert set(line) == FIELDS | {"severity", "message", "time", "logger"}
    assert (line["severity"], line["outcome"]) == ("INFO", "done")
    assert (line["size"], line["result_size"]) == ([12, 9], [24, 18])
    assert (line["model"], line["denoise"], line["tiles"]) == ("faithful", 0.5, 1)
    assert line["seconds"] > 0
    assert line["waited_seconds"] >= 0
    begun, written = (datetime.fromisoformat(line[name]) for name in ("begun", "time"))
    assert begun <= written - timedelta(seconds=line["seconds"] - 0.01)
    assert "\n" not in logs.JsonLine().format(caplog.records[-1])


def test_so_does_one_that_failed(service, caplog):  # noqa: F811
    service.upscaler.error = BrokenPicture("It ends too early.")
    assert service.upscale(picture(), Options()).wait(SOON)
    line = account(caplog)
    assert (line["severity"], line["outcome"]) == ("WARNING", "BrokenPicture")
    assert "It ends" not in line["message"]


def test_and_one_that_was_stopped_before_it_began(service, caplog):  # noqa: F811
    caplog.set_level(logging.INFO)
    service.upscaler.go.clear()
    working = service.upscale(picture(), Options())
    waiting = service.upscale(picture(), Options())
    waiting.cancel()
    line = account(caplog)
    assert (line["outcome"], line["size"], line["seconds"]) == ("cancelled", None, 0)
    service.upscaler.go.set()
    assert working.wait(SOON)
    assert working.state is State.DONE


def test_an_error_that_was_not_foreseen_is_one_line_with_its_traceback():
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info())
    line = line_of(record)
    assert line["severity"] == "ERROR"
    assert line["message"].startswith("it failed\nTraceback")
    assert line["message"].endswith("ZeroDivisionError: by zero")


def test_what_libraries_say_comes_in_the_same_form():
    program = """
import logging, streamlit, uvicorn, warnings
from streamlit.logger import get_logger
from srgan.web import logs
streamlit_server = get_logger("streamlit.web.server")
logs.set_up()
streamlit.get_option("server.port")
logs.take_over_libraries()
streamlit_server.warning("from streamlit")
logging.getLogger("uvicorn.error").error("from uvicorn")
logging.getLogger("uvicorn.error").info("chatter")
warnings.warn("from python")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"SRGAN_LOG": "json", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    said = [(line["severity"], line["message"].splitlines()[0]) for line in lines]
    assert said[:2] == [("WARNING", "from streamlit"), ("ERROR", "from uvicorn")]
    assert "from python" in said[2][1]
    assert said[3:] == []
    assert ended.stderr == ""


def test_another_form_is_refused(monkeypatch):
    monkeypatch.setenv("SRGAN_LOG", "xml")
    with pytest.raises(BadOption, match="text or json"):
        logs.set_up()
