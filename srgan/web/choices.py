"""The widgets that decide about the result. Their values are in the page's address."""

from __future__ import annotations

from typing import Any

import streamlit as st

from srgan.upscaler import Options
from srgan.web import results, words
from srgan.web.results import Source
from srgan.zoo import Zoo

FORMATS = {"same": "Same as the original", "PNG": "PNG", "JPEG": "JPEG", "WEBP": "WebP"}
WIDTH = "Width"

# A widget of this kind keeps its value in the page's address.
IN_ADDRESS: dict[str, Any] = {"bind": "query-params"}


def pixels(zoo: Zoo, sources: list[Source], fixed: bool) -> Options:
    """What decides the pixels; `fixed` while a job is under way."""
    names = zoo.models()
    common = {**IN_ADDRESS, "disabled": fixed}
    model = st.radio(
        "Model",
        names,
        index=names.index(zoo.default),
        format_func=words.model_name,
        captions=[words.sentence(zoo.model(name).summary) for name in names],
        key="model",
        **common,
    )
    denoise = st.slider(
        "Denoise, 0 for off",
        0.0,
        1.0,
        Options().denoise,
        0.05,
        help="Takes away noise and the blocks and rims of JPEG.",
        key="denoise",
        **common,
    )
    sizes = ["2x", "3x", "4x", WIDTH]
    size = st.segmented_control(
        "Output size", sizes, default="4x", required=True, key="size", **common
    )
    if size != WIDTH:
        return Options(model=model, denoise=denoise, scale=int(size[0]))
    widest = 4 * min(source.size[0] for source in sources)
    width = st.number_input("Width in pixels", 1, widest, widest // 2, key="width", **common)
    return Options(model=model, denoise=denoise, width=width)


def file(sources: list[Source]) -> tuple[str, int | None]:
    """Format ("same" or one of them) and quality. They never run a network."""
    choice = st.selectbox(
        "Format", list(FORMATS), format_func=FORMATS.__getitem__, key="format", **IN_ADDRESS
    )
    if {results.format_for(choice, source) for source in sources} == {"PNG"}:
        return choice, None
    return choice, st.slider("Quality", 1, 100, 90, key="quality", **IN_ADDRESS)
