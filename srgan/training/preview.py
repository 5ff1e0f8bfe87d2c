"""Look at a network while it trains: scores on full pictures, a sheet of crops, a plot."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from srgan.evaluation.metrics import crop, psnr_y
from srgan.tiling import cut, merge, plan_tiles
from srgan.training.data import SCALE, Pair

WINDOW, HALO, BATCH = 96, 12, 8
CROP, GAP, HEAD = 160, 4, 16  # on the sheet: side of a crop, space, words; HR pixels

Network = Callable[[np.ndarray], np.ndarray]
# two uint8 RGB pictures (H, W, 3) of one size to how far apart they are
Distance = Callable[[np.ndarray, np.ndarray], float]


def enlarge(network: Network, lr: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 (4H, 4W, 3), in batches of one shape, so that it compiles once."""
    height, width = lr.shape[:2]
    padding = ((0, max(0, WINDOW - height)), (0, max(0, WINDOW - width)), (0, 0))
    padded = np.pad(lr, padding, mode="symmetric")
    plan = plan_tiles(padded.shape[1::-1], (WINDOW, WINDOW), HALO)
    # the plan may choose smaller windows than the largest: grow them back to one shape
    result = np.empty((padded.shape[0] * SCALE, padded.shape[1] * SCALE, 3), np.uint8)
    tiles = list(plan)
    for first in range(0, len(tiles), BATCH):
        group = tiles[first : first + BATCH]
        batch = np.zeros((BATCH, WINDOW, WINDOW, 3), np.float32)
        for slot, tile in zip(batch, group, strict=False):
            window = cut(padded, tile, plan.window)
            fill = ((0, WINDOW - window.shape[0]), (0, WINDOW - window.shape[1]), (0, 0))
            slot[...] = np.pad(window, fill, mode="edge")
        for tile, output in zip(group, np.asarray(network(batch)), strict=False):
            merge(result, tile, output[: plan.window[1] * SCALE, : plan.window[0] * SCALE], SCALE)
    return result[: height * SCALE, : width * SCALE]


def mean_scores(
    network: Network, pairs: Sequence[Pair], distance: Distance | None = None
) -> list[float]:
    """Means over full pictures, a border of 4 cropped: `distance`, if given, then PSNR-Y in dB."""
    rows = []
    for pair in pairs:
        result = enlarge(network, pair.lr)
        row = [] if distance is None else [distance(crop(result), crop(pair.hr))]
        rows.append([*row, psnr_y(result, pair.hr)])
    return [float(mean) for mean in np.mean(rows, axis=0)]


def mean_psnr_y(network: Network, pairs: Sequence[Pair]) -> float:
    """Mean PSNR-Y in dB over full pictures, a border of 4 cropped."""
    return mean_scores(network, pairs)[0]


def crop_sheet(network: Network, pairs: Sequence[Pair], path: Path) -> None:
    """Write a PNG with a row a picture: input, bicubic, result, truth, at 100%."""
    heads = ("input", "bicubic", "result", "truth")
    sheet = np.full((HEAD + len(pairs) * (CROP + GAP), len(heads) * (CROP + GAP), 3), 255, np.uint8)
    for row, pair in enumerate(pairs):
        height, width = (min(CROP // SCALE, side) for side in pair.lr.shape[:2])
        y, x = (pair.lr.shape[0] - height) // 2, (pair.lr.shape[1] - width) // 2
        lr = np.ascontiguousarray(pair.lr[y : y + height, x : x + width])
        size = (width * SCALE, height * SCALE)
        pixels, bicubic = (
            np.asarray(Image.fromarray(lr).resize(size, method))
            for method in (Image.Resampling.NEAREST, Image.Resampling.BICUBIC)
        )
        truth = pair.hr[y * SCALE :, x * SCALE :][: size[1], : size[0]]
        top = HEAD + row * (CROP + GAP)
        for column, picture in enumerate((pixels, bicubic, enlarge(network, lr), truth)):
            left = column * (CROP + GAP)
            sheet[top : top + size[1], left : left + size[0]] = picture
    image = Image.fromarray(sheet)
    draw = ImageDraw.Draw(image)
    for column, head in enumerate(heads):
        draw.text((column * (CROP + GAP), 2), head, "#444444")
    _save(image, path)


def loss_plot(rows: Sequence[tuple[int, float, float | None]], path: Path, label: str) -> None:
    """Write a PNG of the loss (line) and the validation score (dots) against the step.

    `label` says what the score is.
    """
    width, height, margin = 900, 360, 50
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((margin, 20, width - margin, height - 30), outline="#888888")
    if len(rows) > 1:
        steps = [r[0] for r in rows]
        losses = [r[1] for r in rows]
        scores = [(r[0], r[2]) for r in rows if r[2] is not None]

        def place(step: float, value: float, low: float, high: float) -> tuple[float, float]:
            across = (step - steps[0]) / max(1, steps[-1] - steps[0])
            up = (value - low) / max(1e-9, high - low)
            return margin + across * (width - 2 * margin), height - 30 - up * (height - 50)

        low, high = min(losses), float(np.quantile(losses, 0.98))
        line = [place(s, min(v, high), low, high) for s, v, _ in rows]
        draw.line(line, "#2a6fbb", 2)
        draw.text((4, 14), f"{high:.3g}", "#2a6fbb")
        draw.text((4, height - 36), f"{low:.3g}", "#2a6fbb")
        if scores:
            bottom, top = min(v for _, v in scores), max(v for _, v in scores)
            for step, value in scores:
                x, y = place(step, value, bottom, top)
                draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill="#c0392b")
            draw.text((width - margin + 4, 14), f"{top:.4g}", "#c0392b")
            draw.text((width - margin + 4, height - 36), f"{bottom:.4g}", "#c0392b")
        draw.text((margin, height - 24), f"step {steps[0]}", "#444444")
        draw.text((width - margin - 80, height - 24), f"step {steps[-1]}", "#444444")
    draw.text((margin, 4), f"loss (line, left) and validation {label} (dots, right)", "#444444")
    _save(image, path)


def _save(image: Image.Image, path: Path) -> None:
    partial = path.with_name(path.name + ".partial")
    image.save(partial, "PNG")
    partial.replace(path)
