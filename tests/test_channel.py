"""What one end sends, the other takes: through the socket, or from memory to memory."""

import os
import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from srgan import memory
from srgan.channel import LARGE_BYTES, Channel, Closed

LINUX = sys.platform.startswith("linux")


@contextmanager
def both_ends():
    """The server's end and a worker's, both in this process, and a thread for one of them."""
    ours, theirs = map(Channel, socket.socketpair())
    ours.worker = os.getpid()
    with ThreadPoolExecutor() as thread:
        try:
            yield ours, theirs, thread
        finally:
            ours.close()
            theirs.close()


def numbers(nbytes):
    return np.random.default_rng(nbytes).integers(0, 256, nbytes, np.uint8)


def forbidden(*_):
    return False


@pytest.mark.parametrize("nbytes", [1, LARGE_BYTES - 1, LARGE_BYTES, 5 * LARGE_BYTES + 7])
@pytest.mark.parametrize("by_the_worker", [False, True])
@pytest.mark.parametrize("allowed", [False, True])
def test_what_is_sent_is_taken(nbytes, by_the_worker, allowed, monkeypatch):
    if not allowed:
        monkeypatch.setattr(memory, "read", forbidden)
        monkeypatch.setattr(memory, "write", forbidden)
    sent = numbers(nbytes)
    with both_ends() as (server, worker, thread):
        one, other = (worker, server) if by_the_worker else (server, worker)
        one.allow(60)
        other.allow(60)
        sending = thread.submit(one.send, {"nbytes": nbytes}, sent, b"and more")
        assert other.header() == {"nbytes": nbytes}
        np.testing.assert_array_equal(other.take(nbytes), sent)
        assert other.take(8).tobytes() == b"and more"
        sending.result()


@pytest.mark.skipif(not LINUX, reason="elsewhere everything goes through the socket")
@pytest.mark.parametrize("by_the_worker", [False, True])
def test_of_what_is_large_only_the_place_goes_through_the_socket(by_the_worker, monkeypatch):
    sent = numbers(4 * LARGE_BYTES)
    poured = []
    pour = Channel._pour

    def watched(self, data):
        poured.append(len(data))
        pour(self, data)

    monkeypatch.setattr(Channel, "_pour", watched)
    with both_ends() as (server, worker, thread):
        one, other = (worker, server) if by_the_worker else (server, worker)
        sending = thread.submit(one.send, {}, sent)
        other.header()
        np.testing.assert_array_equal(other.take(sent.nbytes), sent)
        sending.result()
    assert sum(poured) < 20


@pytest.mark.skipif(not LINUX, reason="elsewhere everything goes through the socket")
@pytest.mark.parametrize("place", [0, 8, 2**47, 2**64 - 1])
def test_a_place_that_is_none_ends_the_talk(place):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = Channel(ours)
        server.worker = os.getpid()
        theirs.sendall(struct.pack(">Q", place))
        with pytest.raises(Closed, match="memory is not there"):
            server.take(LARGE_BYTES)
