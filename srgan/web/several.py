"""The page for several pictures: common choices, a line for each picture, and a look at one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import choices, compare, download, words
from srgan.web.batch import Batch, Upload, within_reach
from srgan.web.service import Service
from srgan.web.telling import tell_errors
from srgan.web.wanted import Wanted


@tell_errors
def pictures(service: Service, batch: Batch, uploads: Sequence[Upload]) -> None:
    """All of the page below the upload."""
    with st.spinner("Reading the pictures …"):
        batch.hold(uploads, limits())
    batch.advance(service)
    sources = batch.sources()
    shown, settings = st.columns([7, 3], gap="medium")
    options, wanted = Options(), Wanted()
    if sources:
        with settings:
            next_step = st.container()  # first on the screen, and first on a phone
            options = choices.pixels(service.upscaler.zoo, sources, batch.busy)
            wanted = choices.file(sources)
        with next_step:
            work(service, batch, options, wanted)
    with shown:
        st.fragment(lines, run_every=0.5 if batch.busy else None)(service, batch, options)
        if sources:
            look(batch, options, wanted)


def work(service: Service, batch: Batch, options: Options, wanted: Wanted) -> None:
    """The button that fits: start, stop, or download."""
    if choices.denoising_was_asked_for():
        batch.start(options)
        st.rerun()
    if batch.busy:
        st.button("Stop", on_click=batch.stop, disabled=batch.stopping, width="stretch")
        return
    if left := [item.source for item in batch.left(options) if item.source is not None]:
        nbytes = seconds = 0.0
        for source in left:
            size = service.upscaler.output_size(source.size, within_reach(options, source))
            nbytes += source.file_size(size, wanted)
            seconds += service.estimate(source.size, source.layers, options) or 0
        st.markdown(words.expected_of(len(left), round(nbytes), seconds or None))
        st.button("Upscale", on_click=batch.start, args=(options,), type="primary", width="stretch")
    if done := batch.done(options):
        download.all_of(batch, options, wanted)
        choices.offer_denoising([made.result for made in done])


@tell_errors
def lines(service: Service, batch: Batch, options: Options) -> None:
    """Where each picture stands; when one is done, or all is over, the whole page anew."""
    names = batch.names()
    was_busy, done = batch.busy, len(batch.done(options))
    batch.advance(service)
    with st.container(border=True, gap="xsmall"):
        for id, item in batch.items.items():
            st.text(f"{names[id]}: {words.standing(item, options, batch.working)}")
            if item.job is not None and not item.job.place:
                st.progress(words.work(item.job)[0])
    if len(batch.done(options)) > done or (was_busy and not batch.busy):
        st.rerun()


def look(batch: Batch, options: Options, wanted: Wanted) -> None:
    """One of the pictures, before and after."""
    readable = [id for id, item in batch.items.items() if item.source is not None]
    id = st.selectbox("Look at", readable, format_func=batch.names().__getitem__, key="look")
    item = batch.items[id]
    assert item.source is not None
    if item.made is None or item.made.options != options:
        compare.before(item.source)
        return
    compare.before_and_after(item.source, item.made.result)
    download.one(item.source, options, item.made.result, wanted, "Download this one")
