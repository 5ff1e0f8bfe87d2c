"""While a network works, the server goes on answering: no part of the work holds Python's lock."""

import threading
import time

import numpy as np

from srgan.apart.engine import LiteRTApart
from srgan.upscaler import Options, Upscaler

NAP = 0.005  # seconds


def wake_ups(work):
    """How often another thread woke up while `work` ran, as a share of what it could have."""
    over = threading.Event()
    counted = 0

    def count():
        nonlocal counted
        while not over.is_set():
            time.sleep(NAP)
            counted += 1

    counting = threading.Thread(target=count)
    counting.start()
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    over.set()
    counting.join()
    return counted / (seconds / NAP)


def test_other_threads_go_on_while_a_network_works():
    engine = LiteRTApart()
    upscaler = Upscaler(engine=engine)
    picture = np.random.default_rng(0).integers(0, 256, (192, 192, 3), np.uint8)
    try:
        upscaler.upscale(picture, Options())  # the first time also loads
        assert wake_ups(lambda: upscaler.upscale(picture, Options())) > 0.1
    finally:
        engine.close()
