"""The before/after slider: one handle for the mouse, a finger or the arrow keys."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_slider = st.components.v2.component(
    "pixel_perfect.compare",
    html=(_HERE / "compare.html").read_text(encoding="utf-8"),
    css=(_HERE / "compare.css").read_text(encoding="utf-8"),
    js=(_HERE / "compare.js").read_text(encoding="utf-8"),
)


def compare(before: bytes, after: bytes, size: tuple[int, int], mime: str = "image/webp") -> None:
    """Show two encoded pictures, both stretched to the shape of `size` (width, height)."""
    _slider(
        key="compare",
        data={
            "before": {"src": _data_uri(before, mime), "label": "Before"},
            "after": {"src": _data_uri(after, mime), "label": "After"},
            "width": size[0],
            "height": size[1],
            "label": "How much of the picture before is shown, in per cent",
        },
    )


def _data_uri(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
