"""Quality against model: a row for each way of enlarging, a panel for each measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from srgan.evaluation.drawing import FAINT, INK, PAPER, letters
from srgan.evaluation.published import Published
from srgan.evaluation.report import Means

COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8e5ea2", "#8a6d1d")  # a set each, then again
ROW, LABEL, PANEL, GAP, TOP, BOTTOM = 28, 230, 330, 40, 76, 34
RADIUS = 5


@dataclass(frozen=True)
class Mark:
    """A value of one row; `hollow` for what was not measured here."""

    row: int
    value: float
    colour: str
    hollow: bool


@dataclass(frozen=True)
class Panel:
    """One measure and its values; `digits` behind the point on its axis."""

    title: str
    marks: Sequence[Mark]
    digits: int


def quality_plot(
    table: Means,
    others: Sequence[Published],
    title: str,
    seconds: Mapping[str, float] | None = None,
    degraded: bool = False,
) -> Image.Image:
    """PSNR-Y and LPIPS of every method of `table` for each set, and of `others`, hollow.

    `seconds` are of one megapixel of input, by the method's name; without them there is no panel
    of time. With `degraded` the others' figures for degraded inputs count.
    """

    def figures(it: Published) -> Mapping[str, tuple[float, float]]:
        return it.degraded if degraded else it.clean

    sets = list(table)
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(sets)}
    methods = list(dict.fromkeys(method for rows in table.values() for method in rows))
    peers = [it for it in others if figures(it).keys() & colour.keys()]
    labels = [*methods, *(it.name for it in peers)]
    psnr, lpips = [], []
    for name, rows in table.items():
        for method, scores in rows.items():
            row = methods.index(method)
            psnr.append(Mark(row, scores.psnr_y, colour[name], False))
            if scores.lpips is not None:
                lpips.append(Mark(row, scores.lpips, colour[name], False))
    for row, other in enumerate(peers, start=len(methods)):
        for name, (decibels, distance) in figures(other).items():
            if name in colour:
                psnr.append(Mark(row, decibels, colour[name], True))
                lpips.append(Mark(row, distance, colour[name], True))
    panels = [Panel("PSNR-Y in dB: right is better", psnr, 1)]
    if lpips:
        panels.append(Panel("LPIPS: left is better", lpips, 2))
    times = [
        Mark(methods.index(name), value, INK, False)
        for name, value in (seconds or {}).items()
        if name in methods
    ]
    if times:
        panels.append(Panel("seconds for a megapixel: left is better", times, 0))
    return _drawn(title, labels, len(methods), panels, colour)


def _drawn(
    title: str, labels: Sequence[str], ours: int, panels: Sequence[Panel], key: Mapping[str, str]
) -> Image.Image:
    width = LABEL + len(panels) * (PANEL + GAP)
    image = Image.new("RGB", (width, TOP + ROW * len(labels) + BOTTOM), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((12, 10), title, INK, letters(17))
    x: float = LABEL
    for name, colour in key.items():
        _dot(draw, x, 21, colour, False)
        draw.text((x + 10, 12), name, INK, letters())
        x += 26 + draw.textlength(name, letters())
    if ours < len(labels):
        _dot(draw, x + 10, 21, INK, True)
        draw.text((x + 20, 12), "published, measured elsewhere", INK, letters())
    for row, label in enumerate(labels):
        centre = TOP + ROW * row + ROW // 2
        draw.text((12, centre), label, INK, letters(), anchor="lm")
        draw.line((LABEL, centre, width - GAP + 12, centre), FAINT)
    for number, panel in enumerate(panels):
        _panel(draw, panel, LABEL + number * (PANEL + GAP), TOP + ROW * len(labels))
    return image


def _panel(draw: ImageDraw.ImageDraw, panel: Panel, left: int, bottom: int) -> None:
    values = [mark.value for mark in panel.marks]
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or 1.0
    low, high = max(low - room, 0.0), high + room

    def across(value: float) -> float:
        return left + PANEL * (value - low) / (high - low)

    draw.text((left, TOP - 24), panel.title, INK, letters())
    for tick in range(5):
        value = low + (high - low) * tick / 4
        draw.line((across(value), TOP, across(value), bottom), FAINT)
        text = f"{value:.{panel.digits}f}"
        draw.text((across(value), bottom + 6), text, INK, letters(12), anchor="ma")
    for mark in panel.marks:
        _dot(draw, across(mark.value), TOP + ROW * mark.row + ROW // 2, mark.colour, mark.hollow)


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, colour: str, hollow: bool) -> None:
    box = (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
    draw.ellipse(box, fill=PAPER if hollow else colour, outline=colour, width=2)
