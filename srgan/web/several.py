"""The page for several pictures: common choices, a line for each picture, and a look at one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import choices, compare, download, results, words
from srgan.web.batch import Batch, Item, Upload
from srgan.web.service import Service
from srgan.web.telling import tell_errors


@tell_errors
def pictures(service: Service, batch: Batch, uploads: Sequence[Upload]) -> None:
    """All of the page below the upload."""
    with st.spinner("Reading the pictures …"):
        batch.hold(uploads, limits())
    batch.advance(service)
    sources = batch.sources()
    shown, settings = st.columns([7, 3], gap="medium")
    options, choice, quality = Options(), "same", None
    if sources:
        with settings:
            options = choices.pixels(service.upscaler.zoo, sources, batch.working)
            choice, quality = choices.file(sources)
            work(service, batch, options, choice, quality)
    with shown:
        st.fragment(lines, run_every=0.5 if batch.busy else None)(service, batch, options)
        if sources:
            look(batch, options, choice, quality)


def work(
    service: Service, batch: Batch, options: Options, choice: str, quality: int | None
) -> None:
    """The button that fits: start, stop, or download."""
    if batch.working:
        st.button("Stop", on_click=batch.stop, width="stretch")
        return
    if left := [item.source for item in batch.left(options) if item.source is not None]:
        sizes = [service.upscaler.output_size(source.size, options) for source in left]
        nbytes = seconds = 0.0
        for source, size in zip(left, sizes, strict=True):
            format = results.format_for(choice, source)
            nbytes += source.file_size(size, format, quality)
            seconds += service.estimate(source.size, source.layers, options) or 0
        st.markdown(words.expected_of(len(left), round(nbytes), seconds or None))
        st.button("Upscale", on_click=batch.start, args=(options,), type="primary", width="stretch")
    if batch.done(options):
        download.all_of(batch, choice, quality)


@tell_errors
def lines(service: Service, batch: Batch, options: Options) -> None:
    """Where each picture stands; when all is over, the whole page anew."""
    was_busy = batch.busy
    batch.advance(service)
    for item in batch.items.values():
        st.text(f"{item.name}: {words.standing(item, options, batch.working)}")
        if item.job is not None and not item.job.place:
            st.progress(words.progress(item.job.progress)[0])
    if was_busy and not batch.busy:
        st.rerun()


def look(batch: Batch, options: Options, choice: str, quality: int | None) -> None:
    """One of the pictures, before and after."""
    items = {id: item for id, item in batch.items.items() if item.source is not None}
    id = st.selectbox("Look at", list(items), format_func=lambda id: items[id].name, key="look")
    item: Item = items[id]
    assert item.source is not None
    if not item.has_result(options):
        compare.before(item.source)
        return
    result = batch.look(item)
    compare.before_and_after(item.source, result)
    download.one(item.source, options, result, choice, quality, "Download this one")
