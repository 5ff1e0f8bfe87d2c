"""The widgets that decide about the result. Their values are in the page's address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from srgan.upscaler import Options
from srgan.web import offered, words
from srgan.web.results import Result, Source
from srgan.web.wanted import SAME, Wanted
from srgan.zoo import Zoo

FORMATS = {SAME: "Same as the original", "PNG": "PNG", "JPEG": "JPEG", "WEBP": "WebP"}
WIDTH = "Width"

_AT_ONCE = "at once"  # in the session's state: what is chosen is to be made without a press

# A widget of this kind keeps its value in the page's address.
IN_ADDRESS: dict[str, Any] = {"bind": "query-params"}


def pixels(zoo: Zoo, sources: list[Source], fixed: bool) -> Options:
    """What decides the pixels; `fixed` while a job is under way."""
    common = {**IN_ADDRESS, "disabled": fixed}
    chosen = model(zoo, common)
    denoise = st.slider(
        "Denoise, 0 for off",
        0.0,
        1.0,
        None,  # the least, which `offer_denoising` may change: Streamlit wants one or the other
        0.05,
        help="Takes away noise and the blocks and rims of JPEG. A clean picture stays as it is.",
        key="denoise",
        **common,
    )
    sizes = ["2x", "3x", "4x", WIDTH]
    size = st.segmented_control(
        "Output size", sizes, default="4x", required=True, key="size", **common
    )
    if size != WIDTH:
        return Options(model=chosen, denoise=denoise, scale=int(size[0]))
    widths = [4 * source.size[0] for source in sources]
    widest = max(widths)
    label = f"Width in pixels, up to {widest:,}"
    width = st.number_input(label, 1, widest, widest // 2, key="width", **common)
    if width > min(widths):
        st.caption(words.NARROWER)
    return Options(model=chosen, denoise=denoise, width=width)


def offer_denoising(results: Sequence[Result]) -> None:
    """Where any of `results` would be better for it, a button that has it done, in full."""

    def fully() -> None:
        st.session_state["denoise"] = 1.0
        st.session_state[_AT_ONCE] = True

    if noisy := sum(result.noisy for result in results):
        st.markdown(words.noisy(noisy, len(results)))
        st.button("Denoise", on_click=fully, width="stretch")


def denoising_was_asked_for() -> bool:
    """Whether the button of `offer_denoising` was pressed just now."""
    return bool(st.session_state.pop(_AT_ONCE, False))


def model(zoo: Zoo, common: dict[str, Any]) -> str:
    """A family of models, and the better and slower one of it where there is one."""
    families = offered.families(zoo)
    chosen = offered.family(zoo.default)
    if len(families) > 1:
        chosen = st.radio(
            "Model",
            list(families),
            index=list(families).index(chosen),
            format_func=words.model_name,
            captions=[words.sentence(zoo.model(models[0]).summary) for models in families.values()],
            key="model",
            **common,
        )
    quickest, best = families[chosen][0], families[chosen][-1]
    if quickest == best:
        return best
    better = st.toggle("Best quality, slower", zoo.default == best, key="best", **common)
    return best if better else quickest


def file(sources: list[Source]) -> Wanted:
    """How the result is written. It never runs a network."""
    format = st.selectbox(
        "Format", list(FORMATS), format_func=FORMATS.__getitem__, key="format", **IN_ADDRESS
    )
    formats = {Wanted(format).of(source).format for source in sources}
    quality = None
    if formats != {"PNG"}:
        quality = st.slider("Quality", 1, 100, 90, key="quality", **IN_ADDRESS)
    transparency = True
    if any(source.transparent for source in sources):
        if formats == {"JPEG"}:
            st.caption("A JPEG has no transparency: what is transparent becomes white.")
        else:
            transparency = st.checkbox("Keep transparency", True, key="transparency", **IN_ADDRESS)
    profile = st.checkbox("Colour profile in the file", True, key="profile", **IN_ADDRESS)
    st.caption(words.PROFILE)
    return Wanted(format, quality, transparency, profile)
