"""The buttons that give results away: links, to files that are made while they are sent."""

from __future__ import annotations

import streamlit as st

from srgan.upscaler import Options
from srgan.web import archive, handout, results
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
    """One result as a file."""
    wanted = wanted.of(source)
    if refusal := results.cannot_write(wanted.format, result.size):
        st.warning(refusal)
        return
    name = results.download_name(source, options, result.size, wanted.format)
    st.link_button(
        label,
        handout.address(result, name, wanted),
        type="primary",
        width="stretch",
        icon=":material/download:",
    )


def all_of(batch: Batch, options: Options, wanted: Wanted) -> None:
    """All results of `options` as a ZIP, which is made while it is sent."""
    batch.offered = options
    st.link_button(
        "Download all as ZIP",
        archive.address(batch, wanted),
        type="primary",
        width="stretch",
        icon=":material/folder_zip:",
    )
