"""The buttons that give results away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from srgan.upscaler import Options
from srgan.web import archive, results
from srgan.web.batch import Batch
from srgan.web.results import Result, Source
from srgan.web.telling import tell_errors


@tell_errors
def one(
    source: Source,
    options: Options,
    result: Result,
    choice: str,
    quality: int | None,
    label: str = "Download",
) -> None:
    """One result as "same" or a format, which is made when the button is pressed."""
    format = results.format_for(choice, source)
    if refusal := results.cannot_write(format, result.size):
        st.warning(refusal)
        return
    st.download_button(
        label,
        partial(result.encoded, format, quality),
        results.download_name(source, options, result.size, format),
        f"image/{format.lower()}",
        on_click="ignore",
        type="primary",
        width="stretch",
        icon=":material/download:",
    )


def all_of(batch: Batch, choice: str, quality: int | None) -> None:
    """A ZIP, which is made while it is sent."""
    st.link_button(
        "Download all as ZIP",
        archive.address(batch, choice, quality),
        type="primary",
        width="stretch",
        icon=":material/folder_zip:",
    )
