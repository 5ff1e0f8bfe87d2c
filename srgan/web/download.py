"""The buttons that give results away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from srgan.upscaler import Options
from srgan.web import archive, results
from srgan.web.batch import Batch
from srgan.web.results import Result, Source
from srgan.web.telling import tell_errors
from srgan.web.wanted import Wanted


@tell_errors
def one(
    source: Source,
    options: Options,
    result: Result,
    wanted: Wanted,
    label: str = "Download",
) -> None:
    """One result as a file, which is made when the button is pressed."""
    wanted = wanted.of(source.format)
    if refusal := results.cannot_write(wanted.format, result.size):
        st.warning(refusal)
        return
    st.download_button(
        label,
        partial(result.encoded, wanted),
        results.download_name(source, options, result.size, wanted.format),
        f"image/{wanted.format.lower()}",
        on_click="ignore",
        type="primary",
        width="stretch",
        icon=":material/download:",
    )


def all_of(batch: Batch, wanted: Wanted) -> None:
    """A ZIP, which is made while it is sent."""
    st.link_button(
        "Download all as ZIP",
        archive.address(batch, wanted),
        type="primary",
        width="stretch",
        icon=":material/folder_zip:",
    )
