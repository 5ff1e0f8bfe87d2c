"""One detail of a picture as it is, enlarged plainly, and as each model makes it."""

from __future__ import annotations

import threading
import time

import numpy as np
from PIL import Image

from srgan.imaging import Picture
from srgan.sandbox import sandbox
from srgan.upscaler import Options, Progress, Upscaler
from srgan.web.jobs import Report

SIDE = 96  # pixels of the picture that are shown
CONTEXT = 32  # pixels around them that the networks see too, more than any halo
SCALE = 4

INPUT, BICUBIC = "The picture itself", "Bicubic, no network"

Spot = tuple[int, int]
"""Where a detail's middle is: from the left and from the top, in per cent of the picture."""


def compare(
    upscaler: Upscaler,
    picture: Picture,
    spot: Spot,
    denoise: float,
    report: Report,
    stop: threading.Event,
) -> dict[str, bytes]:
    """PNGs of one size by what they show: `INPUT`, `BICUBIC`, then the models' names.

    Raises Cancelled and whatever the upscaler does.
    """
    columns, rows = (_span(*side) for side in zip(picture.size, spot, strict=True))
    seen = _cut(picture, _widened(columns, picture.width), _widened(rows, picture.height))
    inner = _cut(picture, columns, rows)
    shown = {INPUT: _enlarged(inner, Image.Resampling.NEAREST)}
    left, top = (min(CONTEXT, span.start) for span in (columns, rows))
    inside = [
        slice(SCALE * start, SCALE * (start + side))
        for start, side in zip((left, top), inner.size, strict=True)
    ]
    shown[BICUBIC] = _cut(_enlarged(seen, Image.Resampling.BICUBIC), *inside)
    models, started = upscaler.zoo.models(), time.monotonic()
    for done, model in enumerate(models, 1):
        options = Options(model=model, denoise=denoise)
        big = upscaler.upscale(seen, options, cancel=stop, part_of=picture)
        shown[model] = _cut(big, *inside)
        seconds = time.monotonic() - started
        report(Progress(done, len(models), seconds, None))
    return {name: sandbox().encode(detail) for name, detail in shown.items()}


def _span(length: int, per_cent: int) -> slice:
    start = round((length - SIDE) * per_cent / 100)
    return slice(max(0, start), min(length, max(0, start) + SIDE))


def _widened(span: slice, length: int) -> slice:
    return slice(max(0, span.start - CONTEXT), min(length, span.stop + CONTEXT))


def _cut(picture: Picture, columns: slice, rows: slice) -> Picture:
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[rows, columns])
    rgb = np.ascontiguousarray(picture.rgb[rows, columns])
    return Picture(rgb, alpha, picture.format, picture.gray)


def _enlarged(picture: Picture, how: Image.Resampling) -> Picture:
    pixels = picture.rgb if picture.alpha is None else np.dstack([picture.rgb, picture.alpha])
    size = (SCALE * picture.width, SCALE * picture.height)
    return Picture.from_array(np.asarray(Image.fromarray(pixels).resize(size, how)))
