"""A visitor of the page without a browser: Streamlit's own protocol over a real websocket.

It does what the page's script in a browser does: asks for a run of the page with the state of its
widgets, uploads a file with the token against cross-site requests, presses buttons, asks again for
the parts that want to be run again and again, and fetches the file that a link leads to.
It draws nothing.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 900  # seconds; only ends a hang


@dataclass
class Answer:
    """What came back for a request."""

    status: int
    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(address, method, path, body=None, headers=None, timeout=PATIENCE) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        got = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, got, response.read(), path)
    finally:
        connection.close()


@dataclass
class Visitor:
    """One session of the page. `shown` has every element by its place."""

    address: str
    shown: dict[tuple[int, ...], Element] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    again: dict[str, float] = field(default_factory=dict)  # fragments, and each how many seconds
    session_id: str = ""

    def __enter__(self) -> Visitor:
        answer = ask(self.address, "GET", "/_stcore/health")
        cookie = answer.headers["set-cookie"].partition(";")[0]
        self.token = cookie.partition("=")[2]
        self.headers = {"Cookie": cookie, "X-Xsrftoken": self.token}
        self._closing = connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(self.address),
            subprotocols=[Subprotocol("streamlit"), Subprotocol(self.token)],
            additional_headers={"Cookie": cookie},
            max_size=None,
            open_timeout=PATIENCE,
            ping_timeout=None,
        )
        self._socket = self._closing.__enter__()
        self.run()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.__exit__(None, None, None)

    def send(self, message: BackMsg) -> None:
        """Any message, without waiting for what comes of it."""
        self._socket.send(message.SerializeToString())

    def run(self, *pressed: str, fragment: str = "") -> None:
        """Have the page run, with buttons pressed, and take in all that it shows."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.fragment_id = fragment
        rerun.is_auto_rerun = bool(fragment)
        rerun.widget_states.widgets.extend(self.states.values())
        for id in pressed:
            rerun.widget_states.widgets.add(id=id, trigger_value=True)
        if not fragment:
            self.again.clear()
        self.send(message)
        while not self._ends(self._receive()):
            pass

    def upload(self, name: str, data: bytes) -> Answer:
        """Put a file into the first uploader and have the page run."""
        (uploader,) = self.all("file_uploader")
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session_id
        self.send(message)
        while (got := self._receive()).WhichOneof("type") != "file_urls_response":
            self._take(got)
        (urls,) = got.file_urls_response.file_urls
        answer = self.put(urls.upload_url, name, data)
        if answer.status < 300:
            state = WidgetState(id=uploader.id)
            state.file_uploader_state_value.uploaded_file_info.add(
                name=name, size=len(data), file_id=urls.file_id, file_urls=urls
            )
            self.states[uploader.id] = state
            self.run()
        return answer

    def put(self, path: str, name: str, data: bytes, **headers: str) -> Answer:
        """The upload alone."""
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return ask(self.address, "PUT", path, body, {**self.headers, **kind, **headers})

    def press(self, label: str) -> None:
        """Press the button that says `label`."""
        self.run(self.button(label).id)

    def button(self, label: str) -> Any:
        """The button that says `label`."""
        return next(button for button in self.all("button") if button.label == label)

    def wait_for(self, kind: str, label: str) -> Any:
        """Run what wants to be run again until the page shows an element of this kind and label."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for element in self.all(kind):
                if element.label == label:
                    return element
            if errors := [alert.body for alert in self.all("alert")]:
                raise AssertionError(errors)
            if not self.again:
                self._take(self._receive())
                continue
            fragment, seconds = min(self.again.items(), key=lambda item: item[1])
            time.sleep(seconds)
            self.run(fragment=fragment)
        raise TimeoutError(f"no {kind} {label}")

    def download(self, label: str = "Download") -> Answer:
        """What the link leads to."""
        link = next(b for b in self.all("link_button") if b.label == label)
        return ask(self.address, "GET", f"/{link.url}")

    def all(self, kind: str) -> list[Any]:
        """Every element of one kind that is shown."""
        return [getattr(e, kind) for e in self.shown.values() if e.WhichOneof("type") == kind]

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(PATIENCE))  # type: ignore[arg-type]
        return message

    def _ends(self, message: ForwardMsg) -> bool:
        self._take(message)
        early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return message.WhichOneof("type") == "script_finished" and message.script_finished != early

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id
            if not message.metadata.run.fragment_ids:
                self.shown.clear()
                self.again.clear()
        elif kind == "delta":
            place = tuple(message.metadata.delta_path)
            if message.delta.WhichOneof("type") == "new_element":
                self.shown[place] = message.delta.new_element
            else:
                for inner in [p for p in self.shown if p[: len(place)] == place]:
                    del self.shown[inner]
        elif kind == "auto_rerun":
            self.again[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.again.pop(fragment, None)
