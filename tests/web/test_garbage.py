"""What sessions leave behind is freed without a pause after every run of the page."""

import asyncio
import gc
import weakref

import streamlit as st

from srgan.web import lifecycle


class Session:
    def __init__(self):
        self.itself = self


def test_the_server_frees_what_sessions_leave_behind(monkeypatch):
    monkeypatch.setattr(lifecycle, "GARBAGE_SECONDS", 0.01)
    left = weakref.ref(Session())

    async def serve():
        collecting = asyncio.create_task(lifecycle.collect_garbage())
        while left() is not None:
            await asyncio.sleep(0.01)
        collecting.cancel()

    gc.disable()
    try:
        assert left() is not None
        asyncio.run(asyncio.wait_for(serve(), 60))
    finally:
        gc.enable()


def test_streamlit_does_not_do_it_as_well():
    assert not st.get_option("runner.postScriptGC")
