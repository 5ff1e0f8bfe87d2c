"""Whatever a codec does, one picture is lost and a sentence says so; the next one is fine."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from srgan import imaging
from srgan.errors import (
    BadOption,
    BrokenPicture,
    CannotWrite,
    CodecUnavailable,
    NotAPicture,
    PictureTooLarge,
)
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.sandbox import landlock
from srgan.sandbox.pool import Sandbox
from srgan.sandbox.process import Worker
from tests.imaging import pictures
from tests.photos import photograph
from tests.sandbox.faulty_worker import MARK

LIMITS = Limits(max_decode_seconds=1)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no places")
GOOD = pictures.saved(np.dstack([pictures.photo(), pictures.gradient()]), "PNG")


class Watched(Sandbox):
    """With faulty workers, of which it knows the numbers."""

    def __init__(self, limits=LIMITS, workers=1, program="tests.sandbox.faulty_worker"):
        self.pids: list[int] = []

        def make():
            worker = Worker(program)
            self.pids.append(worker.pid)
            return worker

        super().__init__(limits, workers, make)


@pytest.fixture(scope="module")
def faulty():
    sandbox = Watched()
    yield sandbox
    sandbox.close()


def fault(name):
    return MARK + name.encode()


def same(one, other):
    np.testing.assert_array_equal(one.rgb, other.rgb)
    assert (one.alpha is None) == (other.alpha is None)
    if one.alpha is not None:
        np.testing.assert_array_equal(one.alpha, other.alpha)
    return (one.format, one.gray) == (other.format, other.gray)


# Without faults it is imaging


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        pictures.saved(pictures.photo(), "JPEG", exif=pictures.exif(6)),
        pictures.saved(pictures.gradient(), "TIFF"),
        pictures.saved(pictures.photo(900, 700), "WEBP"),
    ],
)
def test_decoding_gives_what_imaging_gives(faulty, data):
    assert same(faulty.decode(data, LIMITS), imaging.decode(data, LIMITS))


@pytest.mark.parametrize("format", imaging.OUTPUT_FORMATS)
@pytest.mark.parametrize("options", [{}, {"quality": 50}])
def test_encoding_gives_what_imaging_gives(faulty, format, options):
    picture = imaging.decode(GOOD, LIMITS)
    turned = Picture(np.rot90(picture.rgb), None)  # whose rows are not one after the other
    for some in (picture, turned):
        assert faulty.encode(some, format, **options) == imaging.encode(some, format, **options)


def test_options_are_handed_through(faulty):
    picture = imaging.decode(GOOD, LIMITS)
    exact = faulty.encode(picture, "WEBP", lossless=True)
    assert exact == imaging.encode(picture, "WEBP", lossless=True)


def test_errors_are_those_of_imaging(faulty):
    before = list(faulty.pids)
    broken = GOOD[: len(GOOD) // 2]
    wide = Picture(np.zeros((1, 20_000, 3), np.uint8))
    calls = [
        (BrokenPicture, lambda codecs: codecs.decode(broken, LIMITS)),
        (NotAPicture, lambda codecs: codecs.decode(b"", LIMITS)),
        (PictureTooLarge, lambda codecs: codecs.decode(GOOD, replace(LIMITS, max_side=10))),
        (PictureTooLarge, lambda codecs: codecs.decode(GOOD, replace(LIMITS, max_bytes=10))),
        (CannotWrite, lambda codecs: codecs.encode(wide, "WEBP")),
        (BadOption, lambda codecs: codecs.encode(wide, "PNG", 101)),
        (BadOption, lambda codecs: codecs.encode(wide, "GIF")),
    ]
    for kind, call in calls:
        sentences = []
        for codecs in (imaging, faulty):
            with pytest.raises(kind) as told:
                call(codecs)
            sentences.append(str(told.value))
        assert sentences[0] == sentences[1]
    assert faulty.pids == before  # an error of the picture is no end of the worker


# With them


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("crash", BrokenPicture, "cannot be read"),
        ("abort", BrokenPicture, "cannot be read"),
        ("be killed", PictureTooLarge, "not enough memory"),
        ("spin", BrokenPicture, "far longer to read"),
        ("stand still", BrokenPicture, "far longer to read"),
        ("eat", PictureTooLarge, "not enough memory"),
        ("make a mistake", BrokenPicture, "cannot be read"),
        ("write a file", BrokenPicture, "cannot be read"),
        ("lie", BrokenPicture, "cannot be read"),
        pytest.param("point at nothing", BrokenPicture, "cannot be read", marks=linux),
    ],
)
def test_a_fault_costs_one_picture(faulty, name, kind, sentence, caplog):
    with pytest.raises(kind, match=sentence), caplog.at_level(logging.CRITICAL):
        faulty.decode(fault(name), LIMITS)
    assert same(faulty.decode(GOOD, LIMITS), imaging.decode(GOOD, LIMITS))


def test_a_picture_may_take_as_much_memory_as_the_limits_say():
    for megabytes, enough in ((50, False), (200, True)):
        sandbox = Watched(Limits(max_decode_memory=megabytes * 1_000_000))
        try:
            with nullcontext() if enough else pytest.raises(PictureTooLarge):
                sandbox.decode(fault("take 100 MB"), LIMITS)
        finally:
            sandbox.close()


def test_a_worker_that_died_is_replaced_at_once_and_its_last_words_are_logged(caplog):
    sandbox = Watched()
    try:
        with pytest.raises(BrokenPicture):
            sandbox.decode(fault("make a mistake"), LIMITS)
        assert len(sandbox.pids) == 2
        assert "a mistake of ours" in caplog.text
        sandbox.decode(GOOD, LIMITS)
        assert len(sandbox.pids) == 2
    finally:
        sandbox.close()


def test_what_a_decoder_says_holds_nobody_up_and_is_not_heard(faulty, capfd):
    for _ in range(3):
        assert faulty.decode(fault("talk"), LIMITS).size == (3, 2)
    assert capfd.readouterr() == ("", "")


def test_a_worker_has_none_of_the_servers_secrets_and_files(monkeypatch, tmp_path):
    monkeypatch.setenv("SRGAN_TEST_SECRET", "the key to everything")
    with (tmp_path / "open").open("w"):
        sandbox = Watched()
        try:
            assert sandbox.decode(fault("look around"), LIMITS).size == (3, 2)
        finally:
            sandbox.close()


@pytest.mark.skipif(not landlock.version(), reason="this system has no Landlock")
def test_a_worker_reaches_no_file_no_network_and_no_other_process(faulty):
    assert faulty.decode(fault("reach out"), LIMITS).size == (3, 2)


def test_without_landlock_a_worker_goes_on_without(monkeypatch):
    monkeypatch.setattr(landlock, "_CREATE_RULESET", 10_000)  # no system call has this number
    assert landlock.version() == 0
    landlock.shut_out()
    assert os.listdir("/")


def test_a_killed_worker_costs_not_even_that_picture():
    sandbox = Watched(replace(LIMITS, max_decode_seconds=30))
    try:
        sandbox.decode(GOOD, LIMITS)
        os.kill(sandbox.pids[-1], signal.SIGKILL)  # while idle
        sandbox.decode(GOOD, LIMITS)
        killer = threading.Timer(1.0, os.kill, (sandbox.pids[-1], signal.SIGKILL))  # at work
        killer.start()
        assert sandbox.decode(fault("nap"), LIMITS).size == (3, 2)
        killer.join()
        assert len(sandbox.pids) == 3
    finally:
        sandbox.close()


def test_many_at_once_get_their_own_pictures_from_a_few_workers():
    sandbox = Watched(replace(LIMITS, max_decode_seconds=30), workers=2)
    colours = [tuple(map(int, c)) for c in np.random.default_rng(0).integers(0, 256, (40, 3))]

    def there_and_back(colour):
        picture = Picture(np.full((30, 20, 3), colour, np.uint8))
        if sum(colour) % 4 == 0:
            with pytest.raises(BrokenPicture):
                sandbox.decode(fault("crash"), LIMITS)
        return sandbox.decode(sandbox.encode(picture), LIMITS).rgb[7, 7]

    try:
        with ThreadPoolExecutor(8) as threads:
            seen = list(threads.map(there_and_back, colours))
    finally:
        sandbox.close()
    assert [tuple(map(int, one)) for one in seen] == colours
    crashes = sum(sum(colour) % 4 == 0 for colour in colours)
    assert crashes <= len(sandbox.pids) <= crashes + 2


def test_a_worker_that_cannot_start_is_told_as_such(caplog):
    for make in (partial(Worker, "tests.sandbox.no_such_program"), no_process):
        sandbox = Sandbox(LIMITS, 1, make)
        with pytest.raises(CodecUnavailable, match="try again in a minute"):
            sandbox.decode(GOOD, LIMITS)
        with pytest.raises(CodecUnavailable, match="try again in a minute"):
            sandbox.encode(Picture(pictures.photo()))
        sandbox.close()


def no_process():
    raise BlockingIOError(11, "Resource temporarily unavailable")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_ends_all_processes():
    sandbox = Watched(workers=2)
    sandbox.decode(GOOD, LIMITS)
    sandbox.close()
    assert sandbox.pids
    assert not any(map(alive, sandbox.pids))


def test_workers_end_with_a_server_that_was_killed():
    code = (
        "from tests.sandbox.test_sandbox import Watched, GOOD, LIMITS; import time\n"
        "sandbox = Watched(); sandbox.decode(GOOD, LIMITS)\n"
        "print(*sandbox.pids, flush=True); time.sleep(1000)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pids = [int(word) for word in server.stdout.readline().split()]
    server.kill()
    server.communicate()
    assert pids
    for _ in range(1000):
        if not any(map(alive, pids)):
            return
        time.sleep(0.01)
    pytest.fail("a worker outlived its server")


def test_starting_a_worker_loads_no_network_and_no_page():
    code = (
        "import srgan.sandbox.worker, sys\n"
        "heavy = ('tensorflow', 'keras', 'streamlit', 'ai_edge_litert', 'srgan.upscaler')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("size", [(64, 64), (1000, 750), (2000, 1500), (4000, 3000), (4728, 3552)])
def test_what_another_process_costs(size):
    """Prints medians; what they should be depends on what else the machine does."""
    limits = Limits()
    sandbox = Sandbox(limits, workers=1)
    picture = Picture(photograph(*size))
    file = imaging.encode(picture, "JPEG")
    calls = {
        "decode": lambda codecs: codecs.decode(file, limits),
        "encode": lambda codecs: codecs.encode(picture, "JPEG"),
    }

    def milliseconds(call):
        started = time.perf_counter()
        call()
        return 1000 * (time.perf_counter() - started)

    try:
        for name, call in calls.items():
            call(sandbox)  # the first time also starts the worker
            here, there = np.transpose(
                [[milliseconds(partial(call, it)) for it in (imaging, sandbox)] for _ in range(9)]
            )
            print(
                f"{name} {size[0]} × {size[1]}: {np.median(here):.0f} ms here, "
                f"{np.median(there - here):.0f} ms more there"
            )
            assert len(here) == len(there) == 9
    finally:
        sandbox.close()


@pytest.mark.slow
@pytest.mark.parametrize("format", imaging.OUTPUT_FORMATS)
def test_the_largest_pictures_can_be_written(format):
    """Of noise, which takes most."""
    rng = np.random.default_rng(0)
    rgb, alpha = (rng.integers(0, 256, (4096, 4096, *c), np.uint8) for c in ((3,), ()))
    sandbox = Sandbox(Limits(), workers=1)
    try:
        assert len(sandbox.encode(Picture(rgb, alpha), format)) > 1_000_000
    finally:
        sandbox.close()
