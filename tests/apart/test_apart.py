"""A network in a process of its own does what it does in this one, whatever befalls the process."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from srgan.apart import make_engine_apart
from srgan.apart.engine import LiteRTApart
from srgan.errors import Cancelled, NetworkUnavailable, NotEnoughMemory, WorkerLost
from srgan.inference import make_engine
from srgan.upscaler import Options, Upscaler
from srgan.zoo import load_zoo
from tests.fakes import SOON
from tests.photos import noisy

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

ZOO = load_zoo()
NETWORK = ZOO.model(ZOO.default)
LONG = np.full((1, 300, 300, 3), 99, np.float32)  # takes a second or so
SHORT = LONG[:, :24, :32]


@pytest.fixture
def engine():
    made = LiteRTApart()
    yield made
    made.close()


def gone(pid):
    """Whether the process has ended, be it that nobody has asked how."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def wait_for(condition):
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_the_middle(engine, do):
    """What `LONG` gives where `do(pid)` is called while the network works on it."""
    engine.load(NETWORK)
    pid = engine.pid
    before = processor_seconds(pid)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(engine.run, NETWORK, LONG)
        wait_for(lambda: processor_seconds(pid) > before + 0.1)
        do(pid)
        return running.result()


@pytest.mark.parametrize("model", ZOO.models())
def test_the_same_picture_as_in_this_process(model, engine):
    photo, options = noisy(61, 47), Options(model=model, denoise=0.5)
    apart = Upscaler(engine=engine).upscale(photo, options)
    np.testing.assert_array_equal(apart.rgb, Upscaler().upscale(photo, options).rgb)


def test_results_belong_to_the_caller_and_time_is_counted(engine):
    first = engine.run(NETWORK, SHORT)
    assert engine.seconds > 0
    kept = first.copy()
    first += 1
    np.testing.assert_array_equal(engine.run(NETWORK, SHORT), kept)
    before = engine.seconds
    engine.run(NETWORK, SHORT[:, ::2])  # not contiguous
    assert engine.seconds > before


def test_an_error_crosses_with_its_sentence_and_the_process_lives_on(engine, tmp_path):
    with pytest.raises(NetworkUnavailable, match=f"{NETWORK.name} cannot be read from {tmp_path}"):
        engine.load(replace(NETWORK, folder=tmp_path))
    pid = engine.pid
    engine.run(NETWORK, SHORT)
    assert engine.pid == pid


def test_a_killed_process_costs_nothing(engine):
    killed = []

    def kill(pid):
        killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    given = in_the_middle(engine, kill)
    assert engine.pid not in killed
    np.testing.assert_array_equal(given, make_engine("litert").run(NETWORK, LONG))
    os.kill(engine.pid, signal.SIGKILL)  # at rest
    assert engine.run(NETWORK, SHORT).shape == (1, 96, 128, 3)


def test_what_is_meant_for_the_server_does_not_end_it(engine):
    engine.load(NETWORK)
    pid = engine.pid
    for meant in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, meant)
    engine.run(NETWORK, SHORT)
    assert engine.pid == pid


@pytest.mark.parametrize(
    ("fault", "error", "starts"),
    [
        ("be killed", NotEnoughMemory, 2),  # by the system, for want of memory
        ("have no memory", NotEnoughMemory, 1),
        ("crash", WorkerLost, 2),
        ("fail", WorkerLost, 1),
        ("talk nonsense", WorkerLost, 2),
    ],
)
def test_what_fails_again_is_told_in_a_sentence_and_costs_no_other_picture(
    fault, error, starts, caplog
):
    engine = LiteRTApart("tests.apart.faulty_worker")
    try:
        with pytest.raises(error, match=r"^There is not enough memory to run|has ended by itself"):
            engine.run(replace(NETWORK, name=fault), SHORT)
        assert len(caplog.records) == starts
        assert engine.run(NETWORK, SHORT).shape == (1, 96, 128, 3)
    finally:
        engine.close()


def test_without_litert_it_says_so():
    with pytest.raises(NetworkUnavailable, match=r"cannot be started \(.*No module named"):
        LiteRTApart("tests.apart.no_worker").load(NETWORK)


def test_closing_ends_the_process_and_what_is_under_way(engine):
    pids = []

    def close(pid):
        pids.append(pid)
        engine.close()

    with pytest.raises(Cancelled):
        in_the_middle(engine, close)
    assert gone(*pids)
    with pytest.raises(Cancelled):
        engine.run(NETWORK, SHORT)
    engine.close()


def test_closing_what_never_began():
    LiteRTApart().close()


PARENT = """
import sys, threading
from tests.apart.test_apart import LONG, NETWORK, SHORT
from srgan.apart.engine import LiteRTApart
engine = LiteRTApart()
engine.run(NETWORK, SHORT)
print(engine.pid, "ai_edge_litert" in sys.modules, flush=True)
while sys.argv[1:]:
    engine.run(NETWORK, LONG)
sys.stdin.read()
"""


@pytest.mark.parametrize("work", [[], ["work"]])
def test_it_ends_when_its_parent_is_killed_and_said_nothing(work):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        pid, imported = parent.stdout.readline().split()
        assert imported == "False"
        assert not gone(pid)
        parent.kill()
        wait_for(lambda: gone(pid))
        assert parent.stderr.read() == ""


def test_threads_take_turns(engine):
    windows = [np.full((1, 20, 20, 3), 10 * i, np.float32) for i in range(8)]
    with ThreadPoolExecutor() as threads:
        together = list(threads.map(lambda window: engine.run(NETWORK, window), windows))
    alone = make_engine("litert")
    for window, result in zip(windows, together, strict=True):
        np.testing.assert_array_equal(result, alone.run(NETWORK, window))
    assert threading.active_count() < 20


def test_other_engines_stay_in_this_process(monkeypatch):
    assert isinstance(make_engine_apart()[0], LiteRTApart)
    engine = object()
    module = SimpleNamespace(TensorFlowEngine=lambda threads: engine)
    monkeypatch.setitem(sys.modules, "srgan.networks.engine", module)
    monkeypatch.setenv("SRGAN_ENGINE", "tensorflow")
    assert make_engine_apart()[0] is engine
