"""The pictures before and after."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Literal

import streamlit as st

from srgan.web import pixels, words
from srgan.web.choices import IN_ADDRESS
from srgan.web.results import Result, Source
from srgan.web.telling import tell_errors

TALLEST = 600  # pixels on the screen
ABREAST = 3  # details in a row; six with four models

_HERE = Path(__file__).parent
_slider = st.components.v2.component(
    "pixel_perfect.slider",
    html=(_HERE / "slider.html").read_text(encoding="utf-8"),
    css=(_HERE / "slider.css").read_text(encoding="utf-8"),
    js=(_HERE / "slider.js").read_text(encoding="utf-8"),
)


def before(source: Source) -> None:
    """Show the picture before."""
    st.image(source.preview, alt="The picture before", width=fitting(source.size))
    st.text(f"{source.name}, {words.pixels(source.size)}")  # no caption: names are no Markdown


@tell_errors
def before_and_after(source: Source, result: Result) -> None:
    """Show both, as a slider or side by side, and what became of what."""
    view = st.segmented_control(
        "View",
        ["Slider", "Side by side"],
        default="Slider",
        required=True,
        label_visibility="collapsed",
        key="view",
        **IN_ADDRESS,
    )
    show = slider if view == "Slider" else side_by_side
    show(source, result)
    st.markdown(words.became(source.size, result.size, result.seconds))
    st.caption(words.ESTIMATED)


def side_by_side(source: Source, result: Result) -> None:
    """Show both, one beside the other, or below it on a narrow screen."""
    left, right = st.columns(2)
    width = fitting(result.size)
    left.image(source.preview, "Before", alt="The picture before", width=width)
    right.image(result.preview, "After", alt="The picture after", width=width)


def slider(source: Source, result: Result) -> None:
    """Show one over the other, parted by a line for mouse, finger and arrow keys.

    Zoomed in, both are seen with every pixel of the result.
    """
    _slider(
        key="slider",
        data={
            "before": _side("Before", source),
            "after": _side("After", result),
            "width": result.size[0],
            "height": result.size[1],
            "tile": pixels.TILE,
            "label": "How much of the picture before is shown, in per cent",
        },
    )


def details(shown: dict[str, bytes]) -> None:
    """Show all, of one size each, and say what they are."""
    names = list(shown)
    for left in range(0, len(names), ABREAST):
        columns = st.columns(ABREAST)
        for name, column in zip(names[left : left + ABREAST], columns, strict=False):
            label = words.model_name(name)
            column.image(shown[name], label, alt=label, width="stretch")


def fitting(size: tuple[int, int]) -> int | Literal["stretch"]:
    """The width to show a picture of this (width, height) at: upright ones have to fit a screen."""
    width, height = size
    return "stretch" if width >= height else max(1, TALLEST * width // height)


def _side(label: str, picture: Source | Result) -> dict[str, str]:
    preview = base64.b64encode(picture.preview).decode()
    src = f"data:image/webp;base64,{preview}"
    return {"label": label, "src": src, "pixels": pixels.address(picture)}
