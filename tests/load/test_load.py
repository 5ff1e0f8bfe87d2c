"""Many users at once against the real server: nobody's picture is lost, swapped or out of turn.

SRGAN_LOAD_SECONDS says for how long (default: ten minutes). `pytest -m slow -s tests/load` prints
the figures.
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.load.visitor import Visitor, ask
from tests.serving import free_port, resident, started, wait_until_healthy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SECONDS = float(os.environ.get("SRGAN_LOAD_SECONDS", "600"))
FEW, MANY, BROWSERS = 8, 50, 10
CLOSE_ENOUGH = 6.0  # levels of 255, between the mean colours of a picture and of its result


@dataclass
class Seen:
    """What the users of one part of the test have met. Lists are appended to by many threads."""

    seconds: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    downloads: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def rate(self) -> float:
        """Upscales a second."""
        return (len(self.seconds) + len(self.downloads)) / self.lasted


@dataclass
class Server:
    """The real one, in a process of its own."""

    address: str
    pid: int
    log: Path


def picture(rng):
    """A picture like no other: its size and its colour tell whose it is."""
    width, height = rng.randint(16, 64), rng.randint(16, 64)
    colour = np.array([rng.randint(0, 255) for _ in range(3)])
    ramp = np.linspace(-8, 8, width)[np.newaxis, :, np.newaxis]
    pixels = np.clip(np.broadcast_to(colour + ramp, (height, width, 3)), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return pixels, out.getvalue()


def what_is_wrong(given, result):
    """Why `result` cannot be what was made of the pixels `given`; None if it can."""
    made = np.asarray(Image.open(io.BytesIO(result)).convert("RGB"))
    if made.shape != (4 * given.shape[0], 4 * given.shape[1], 3):
        return f"{given.shape} became {made.shape}"
    off = np.abs(made.mean((0, 1)) - given.mean((0, 1))).max()
    return f"colours are {off:.1f} off" if off > CLOSE_ENOUGH else None


def use_the_api(address, seed, end, seen):
    """One program after another picture, which comes back when it is told to."""
    rng = random.Random(seed)
    while time.monotonic() < end:
        given, data = picture(rng)
        began = time.monotonic()
        answer = ask(address, "POST", "/v1/upscale", data)
        took = time.monotonic() - began
        if answer.status == 200:
            seen.seconds.append(took)
            if wrong := what_is_wrong(given, answer.body):
                seen.wrong.append(wrong)
        elif answer.status == 429 and int(answer.headers["retry-after"]) > 0:
            seen.refusals.append(took)
            time.sleep(min(int(answer.headers["retry-after"]), max(0.0, end - time.monotonic())))
        else:
            seen.wrong.append(f"{answer.status} {answer.body[:200]!r}")


def use_the_page(address, seed, end, seen):
    """One visitor after another: drops a picture, has it upscaled, takes the result along."""
    rng = random.Random(seed)
    while time.monotonic() < end:
        given, data = picture(rng)
        began = time.monotonic()
        with Visitor(address) as visitor:
            assert visitor.upload("picture.png", data).status == 204
            while True:
                visitor.press("Upscale")
                try:
                    visitor.wait_for("link_button", "Download")
                    break
                except AssertionError as full:
                    if "already waiting" not in str(full):
                        raise
                    time.sleep(rng.uniform(1, 5))
            if wrong := what_is_wrong(given, visitor.download().body):
                seen.wrong.append(f"page: {wrong}")
        seen.downloads.append(time.monotonic() - began)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    command = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port", str(port)]
    with started(command, tmp_path_factory, SRGAN_LOG="json") as running:
        server = Server(f"http://127.0.0.1:{port}", running.process.pid, running.log)
        wait_until_healthy(server.address, running.process, server.log)
        yield server


def at_work(server, users, browsers, seconds):
    """Let so many use the server for so long; what they saw, and the memory it took meanwhile."""
    seen, memory, over = Seen(), [], threading.Event()

    def watch():
        while not over.wait(0.5):
            memory.append(resident(server.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.monotonic()
    end = began + seconds
    with ThreadPoolExecutor(users + browsers) as crowd:
        busy = [crowd.submit(use_the_api, server.address, n, end, seen) for n in range(users)]
        busy += [
            crowd.submit(use_the_page, server.address, 1000 + n, end, seen) for n in range(browsers)
        ]
        for one in busy:
            one.result()
    seen.lasted = time.monotonic() - began
    over.set()
    watching.join()
    return seen, memory


def accounts(server):
    """When each upscale that was done was submitted and begun, and the seconds that it took."""
    for line in server.log.read_text().splitlines():
        fields = json.loads(line) if line.startswith("{") else {}
        if fields.get("event") == "upscale" and fields["outcome"] == "done":
            begun = datetime.fromisoformat(fields["begun"]).timestamp()
            yield begun - fields["waited_seconds"], begun, fields["seconds"]


def out_of_turn(server, slack=0.002):
    """How many began before somebody who had been submitted more than `slack` seconds earlier.

    The log's seconds are rounded to milliseconds: of two that came closer, it does not say which
    was first.
    """
    in_order = sorted(accounts(server))
    latest, count, earlier = 0.0, 0, 0
    for submitted, begun, _ in in_order:
        while in_order[earlier][0] < submitted - slack:
            latest = max(latest, in_order[earlier][1])
            earlier += 1
        count += begun < latest
    return count


def tell(name, seconds):
    if seconds:
        cuts = [*statistics.quantiles(seconds, n=100, method="inclusive")] if seconds[1:] else []
        shown = [cuts[49], cuts[94], cuts[98]] if cuts else seconds * 3
        print(f"{name}: {len(seconds)}, seconds at 50/95/99%: ", *(f"{s:.2f}" for s in shown))


def test_a_crowd_is_served_in_turn_and_nothing_is_lost(server):
    few, _ = at_work(server, FEW, 0, SECONDS / 5)
    alone = len(list(accounts(server)))
    many, memory = at_work(server, MANY, BROWSERS, SECONDS)
    print()
    tell(f"upscales for {FEW} users of the API", few.seconds)
    tell(f"upscales for {MANY} users of the API", many.seconds)
    tell("refusals with Retry-After", many.refusals)
    tell(f"from dropping to downloading, {BROWSERS} sessions of the page", many.downloads)
    print(f"upscales a second: {few.rate:.2f} for {FEW} users, {many.rate:.2f} for all")
    quarter = len(memory) // 4
    before = statistics.median(memory[quarter : 2 * quarter])
    after = statistics.median(memory[-quarter:])
    print(f"memory in MB: {before / 1e6:.0f}, at the end {after / 1e6:.0f}, at most", end=" ")
    print(f"{max(memory) / 1e6:.0f}; out of turn: {out_of_turn(server)} of", end=" ")
    print(len(list(accounts(server))))
    assert few.wrong == many.wrong == []
    assert few.refusals == []
    assert few.seconds
    assert many.seconds
    assert many.refusals
    assert out_of_turn(server) == 0
    assert after < 1.1 * before + 50e6
    # refusing is nothing beside upscaling, and those inside are not slowed down by those outside
    assert statistics.median(many.refusals) < statistics.median(many.seconds) / 2
    worked = [seconds for _, _, seconds in accounts(server)]
    few_took, many_took = statistics.median(worked[:alone]), statistics.median(worked[alone:])
    print(f"once begun: {few_took:.3f} s for {FEW} users, {many_took:.3f} s for all")
    assert many_took < 3 * few_took
    assert not [line for line in server.log.read_text().splitlines() if "Traceback" in line]
