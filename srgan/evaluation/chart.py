"""Draw where the time of an upscale goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from srgan.evaluation.machine import Machine
    from srgan.evaluation.speed import Speed

NEEDED, HALO, AROUND = (46, 94, 170), (240, 150, 60), (120, 120, 120)
_INK, _PAPER = (30, 30, 30), (255, 255, 255)
_LEFT, _WIDTH, _ROW, _TOP = 230, 640, 34, 84  # pixels


def draw(speeds: "Sequence[Speed]", machine: "Machine", path: Path) -> None:
    """Write a PNG: for each model a bar of seconds per megapixel, in three parts."""
    longest = max(it.seconds_per_megapixel for it in speeds)
    image = Image.new("RGB", (_LEFT + _WIDTH + 90, _TOP + _ROW * len(speeds) + 20), _PAPER)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(15)
    title = f"Seconds per megapixel of input: {machine.processor}, {machine.cores} cores"
    pen.text((16, 14), title, _INK, font)
    x = 16
    for colour, label in ((NEEDED, "networks"), (HALO, "context twice"), (AROUND, "around them")):
        pen.rectangle((x, 46, x + 14, 60), colour)
        pen.text((x + 20, 44), label, _INK, font)
        x += 40 + int(pen.textlength(label, font))
    for i, it in enumerate(speeds):
        y = _TOP + i * _ROW
        name = it.model + (" + denoising" if it.denoise else "")
        pen.text((16, y + 3), name, _INK, font)
        share = it.native_seconds / it.seconds
        needed = share / (1 + it.halo_overhead)
        length = it.seconds_per_megapixel / longest * _WIDTH
        start = float(_LEFT)
        parts = (needed, share - needed, 1 - share)
        for colour, part in zip((NEEDED, HALO, AROUND), parts, strict=True):
            pen.rectangle((start, y, max(start, start + part * length - 1), y + 22), colour)
            start += part * length
        pen.text((start + 8, y + 3), f"{it.seconds_per_megapixel:.1f}", _INK, font)
    image.save(path)
