"""The pictures before and after. Both are encoded; `size` is (width, height), for their shape."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Literal

import streamlit as st

TALLEST = 600  # pixels on the screen

_HERE = Path(__file__).parent
_slider = st.components.v2.component(
    "pixel_perfect.slider",
    html=(_HERE / "slider.html").read_text(encoding="utf-8"),
    css=(_HERE / "slider.css").read_text(encoding="utf-8"),
    js=(_HERE / "slider.js").read_text(encoding="utf-8"),
)


def alone(before: bytes, size: tuple[int, int]) -> None:
    """Show the picture before."""
    st.image(before, alt="The picture before", width=fitting(size))


def side_by_side(before: bytes, after: bytes, size: tuple[int, int]) -> None:
    """Show both, one beside the other, or below it on a narrow screen."""
    left, right = st.columns(2)
    left.image(before, "Before", alt="The picture before", width=fitting(size))
    right.image(after, "After", alt="The picture after", width=fitting(size))


def slider(before: bytes, after: bytes, size: tuple[int, int]) -> None:
    """Show one over the other (both WebP), parted by a handle for mouse, finger and arrow keys."""
    _slider(
        key="slider",
        data={
            "before": {"src": _data_uri(before), "label": "Before"},
            "after": {"src": _data_uri(after), "label": "After"},
            "width": size[0],
            "height": size[1],
            "label": "How much of the picture before is shown, in per cent",
        },
    )


def fitting(size: tuple[int, int]) -> int | Literal["stretch"]:
    """The width to show a picture at: upright ones stay within the height of a screen."""
    width, height = size
    return "stretch" if width >= height else max(1, TALLEST * width // height)


def _data_uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
