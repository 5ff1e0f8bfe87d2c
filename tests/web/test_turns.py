"""What is made while clients wait: how many at a time, and for whom."""

import asyncio
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from anyio import move_on_after, to_thread
from starlette.requests import ClientDisconnect

from srgan.web.turns import Stopping, Turns
from tests.fakes import SOON


def client(gone=False) -> Any:
    async def is_disconnected():
        return gone

    return SimpleNamespace(is_disconnected=is_disconnected)


class Gate:
    """Something to make, which takes until the test lets it go on."""

    def __init__(self):
        self.go = threading.Event()
        self.begun = self.at_once = self.most = 0
        self._counting = threading.Lock()

    def __call__(self):
        with self._counting:
            self.begun += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.go.wait(SOON)
        with self._counting:
            self.at_once -= 1
        return "made"


async def until(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_only_so_many_are_made_at_a_time_and_the_server_goes_on():
    async def crowd():
        turns, gate = Turns(2), Gate()
        waiting = [asyncio.create_task(turns.made(gate, client())) for _ in range(50)]
        await until(lambda: gate.begun == 2)
        assert await to_thread.run_sync(lambda: "another") == "another"  # threads are left
        gate.go.set()
        assert set(await asyncio.gather(*waiting)) == {"made"}
        assert (gate.begun, gate.most) == (50, 2)

    asyncio.run(crowd())


def test_nothing_is_begun_for_who_has_gone():
    gate = Gate()
    with pytest.raises(ClientDisconnect):
        asyncio.run(Turns(1).made(gate, client(gone=True)))
    assert gate.begun == 0


def test_who_goes_does_not_give_away_the_place_of_a_thread_that_works():
    async def go():
        turns, gate = Turns(1), Gate()

        async def stay_a_moment():
            with move_on_after(0.01):
                await turns.made(gate, client())

        first = asyncio.create_task(stay_a_moment())
        await until(lambda: gate.begun == 1)
        second = asyncio.create_task(turns.made(gate, client()))
        await asyncio.sleep(0.1)
        assert gate.begun == 1
        gate.go.set()
        await asyncio.gather(first, second)

    asyncio.run(go())


def test_an_error_is_that_of_who_asked_and_the_next_has_its_turn():
    async def ask():
        turns = Turns(1)
        with pytest.raises(ZeroDivisionError):
            await turns.made(lambda: 1 // 0, client())
        return await turns.made(lambda: "made", client())

    assert asyncio.run(ask()) == "made"


def test_closing_waits_for_no_thread_and_begins_nothing():
    gate = Gate()

    async def close():
        turns = Turns(1)
        waiting = [asyncio.create_task(turns.made(gate, client())) for _ in range(3)]
        await until(lambda: gate.begun == 1)
        turns.close()
        got = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in got] == [Stopping] * 3
        with pytest.raises(Stopping):
            await turns.made(gate, client())
        assert (gate.begun, gate.at_once) == (1, 1)
        gate.go.set()

    asyncio.run(close())
