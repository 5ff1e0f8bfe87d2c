"""A cloud that is not there, and a server that can be told to fail."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

import srgan.web.api
from srgan.web.jobs import JobQueue
from srgan.web.service import Service
from tests.fakes import FakeUpscaler
from tests.serving import ROOT, app_served

STAND_IN = Path(__file__).with_name("stand_in.py")


class Server:
    """The API with an upscaler that only enlarges, and a page of one line."""

    def __init__(self, service, port):
        self.service = service
        self.address = f"http://127.0.0.1:{port}"

    def fails(self):
        self.service.upscaler.error = RuntimeError("as it was told")


@pytest.fixture
def server():
    with served() as server:
        yield server


@pytest.fixture
def broken_server():
    with served() as server:
        server.fails()
        yield server


@contextmanager
def served():
    upscaler: Any = FakeUpscaler()
    service = Service(upscaler, JobQueue(workers=1, capacity=4))
    service.ready = True
    page = Route("/", lambda _request: HTMLResponse("<!doctype html><html>Pixel Perfect</html>"))
    app = Starlette(routes=[page, Mount("/v1", srgan.web.api.application(lambda: service))])
    with app_served(app) as port:
        yield Server(service, port)
    service.queue.close()


class Cloud:
    """Stand-ins for gcloud and docker on the PATH, what they were asked, and who serves."""

    def __init__(self, folder):
        self.folder = folder
        self.source = folder / "source"
        shutil.copytree(ROOT / "deploy", self.source / "deploy")
        shutil.copy(ROOT / "cloudbuild.yaml", self.source)
        programs = folder / "bin"
        programs.mkdir()
        for name in ("gcloud", "docker"):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" {name} "$@"\n')
            program.chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "CLOUD": str(folder),
            "HOME": str(folder),
        }
        self.is_set(
            traffic=[{"revisionName": "old", "percent": 100}],
            address="",
            image_address="",
            broken=[],
            errors="",
            set_up=True,
            project="a-project",
        )

    @property
    def state(self):
        return json.loads((self.folder / "state.json").read_text("utf-8"))

    def is_set(self, **changes):
        state = self.state if (self.folder / "state.json").exists() else {}
        (self.folder / "state.json").write_text(json.dumps(state | changes), "utf-8")

    @property
    def serving(self):
        """The visitors' part, in per cent, of each revision that has one."""
        traffic = self.state["traffic"]
        return {one["revisionName"]: one["percent"] for one in traffic if one.get("percent")}

    @property
    def calls(self):
        file = self.folder / "calls.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    def called(self, *words):
        """The calls that begin with `words`."""
        return [call for call in self.calls if call[: len(words)] == list(words)]

    def run(self, command, **environment):
        """Run it where the source is, as Cloud Build would."""
        return subprocess.run(
            command,
            cwd=self.source,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def cloud(tmp_path):
    return Cloud(tmp_path)
