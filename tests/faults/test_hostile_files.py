"""The bad files through the real server: each gets a picture or a sentence, and nobody else any.

`pytest -m slow -s tests/faults/test_hostile_files.py` prints the figures.
"""

import io
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from srgan.errors import SrganError
from srgan.imaging import check_output_size, decode, output_format_for
from srgan.limits import Limits
from srgan.web.refusals import STATUS
from tests.imaging import corpus
from tests.load.visitor import ask
from tests.serving import free_port, resident, started, wait_until_healthy

pytestmark = pytest.mark.slow

SMALL, EVERY, CLIENTS = 450, 3, 8
PIXELS = 20_000  # so that what can be read costs no minutes of a network's time
LIMITS = replace(Limits(), max_pixels=PIXELS)
ENVIRONMENT = {"SRGAN_MAX_PIXELS": str(PIXELS), "SRGAN_MAX_WAITING": "4", "SRGAN_LOG": "json"}
NAMES = ("../../etc/passwd", "CON.png", "/dev/zero", "a\\..\\b", "%00.png", "x" * 255, "<b>.svg")


def files():
    """A sample, the same each time; `tests/imaging/trial.py` has all."""
    yield from random.Random(6).sample(list(corpus.small()), SMALL)
    yield from islice(corpus.large(), 0, None, EVERY)


def in_a_form(name, data):
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n--edge--\r\n"


def posted(address, turn, data):
    """The answer, once it is not that too many are waiting; every third goes in a form."""
    headers = {}
    if turn % 3 == 0:
        data = in_a_form(NAMES[turn % len(NAMES)], data)
        headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    while True:
        answer = ask(address, "POST", "/v1/upscale", data, headers)
        if answer.status != 429:
            return answer
        time.sleep(int(answer.headers["retry-after"]))


def what_is_wrong(data, answer):
    """Why this is not the answer that such a file has to get; None where it is."""
    try:
        picture = decode(data, LIMITS)
        size = (4 * picture.width, 4 * picture.height)
        check_output_size(output_format_for(picture.format, picture.transparent), *size)
    except SrganError as error:
        expected = (STATUS[type(error)], type(error).__name__, str(error))
        if answer.status == 200:
            return f"a picture, not {expected}"
        message = answer.json["message"].replace("The request has", "The file has")
        said = (answer.status, answer.json["error"], message)
        return None if said == expected else f"{said}, not {expected}"
    if answer.status != 200:
        return f"{answer.status} {answer.body[:500]!r}, not a picture"
    got = Image.open(io.BytesIO(answer.body)).size
    return None if got == size else f"{got}, not {size}"


def test_bad_files_by_the_hundred(tmp_path_factory):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port", str(port)]
    wrong, memory, over = [], [], threading.Event()
    outcomes: Counter[int] = Counter()

    def try_one(turn, name, data):
        answer = posted(address, turn, data)
        outcomes[answer.status] += 1
        if found := what_is_wrong(data, answer):
            wrong.append(f"{name}: {found}")

    def watch(pid):
        while not over.wait(0.2):
            memory.append(resident(pid))

    with started(command, tmp_path_factory, **ENVIRONMENT) as server:
        wait_until_healthy(address, server.process, server.log)
        threading.Thread(target=watch, args=[server.process.pid], daemon=True).start()
        began = time.monotonic()
        room = threading.BoundedSemaphore(2 * CLIENTS)  # so that few files wait in this process
        with ThreadPoolExecutor(CLIENTS) as clients:
            asked = []
            for turn, (name, data) in enumerate(files()):
                room.acquire()
                asked.append(clients.submit(try_one, turn, name, data))
                asked[-1].add_done_callback(lambda _: room.release())
        over.set()
        for one in asked:
            one.result()
        seconds = time.monotonic() - began
        good = Image.fromarray(np.full((9, 12, 3), 99, np.uint8))
        file = io.BytesIO()
        good.save(file, "PNG")
        answer = ask(address, "POST", "/v1/upscale", file.getvalue())
        assert Image.open(io.BytesIO(answer.body)).size == (48, 36)
        assert ask(address, "GET", "/v1/health").json == {"status": "ready"}
        log = server.log.read_text()
    print(
        f"\n{len(asked)} bad files from {CLIENTS} clients in {seconds:.0f} s: "
        f"{dict(sorted(outcomes.items()))}; server and workers {max(memory) / 1e6:.0f} MB at most"
    )
    assert wrong == []
    assert len(asked) > SMALL
    assert "Traceback" not in log
    died = [line for line in log.splitlines() if "a worker " in line]
    assert died == []
