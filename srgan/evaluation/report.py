"""Results as a table for people and as JSON for machines."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from srgan.evaluation.scoring import Result, Scores

# By set, then by method.
Means = dict[str, dict[str, Scores]]

_HEADS = ("PSNR-Y", "SSIM-Y", "LPIPS")


def means(results: Iterable[Result]) -> Means:
    """The mean scores of each method on each set, in the order of the results."""
    grouped: dict[str, dict[str, list[Scores]]] = {}
    for result in results:
        methods = grouped.setdefault(result.set_name, {})
        methods.setdefault(result.method, []).append(result.scores)
    return {
        name: {method: Scores.mean(scores) for method, scores in methods.items()}
        for name, methods in grouped.items()
    }


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """{set: {method: {"mean": scores, "pictures": {picture: scores}}}}; no value is infinite."""
    tree: dict[str, Any] = {
        name: {method: {"mean": finite(mean), "pictures": {}} for method, mean in methods.items()}
        for name, methods in means(results).items()
    }
    for result in results:
        pictures = tree[result.set_name][result.method]["pictures"]
        pictures[result.picture] = finite(result.scores)
    return tree


def finite(scores: Scores) -> dict[str, float | None]:
    """The scores by name, rounded, None where JSON has no number (not measured, or infinite)."""
    return {
        name: None if value is None or math.isinf(value) else round(value, 6)
        for name, value in asdict(scores).items()
    }


def condition(degraded: bool) -> str:
    """The key of a table in JSON."""
    return "degraded" if degraded else "clean"


def cells(scores: Scores) -> tuple[str, str, str]:
    """The three scores as text."""
    lpips = "no weights" if scores.lpips is None else f"{scores.lpips:.3f}"
    return f"{scores.psnr_y:.2f}", f"{scores.ssim_y:.4f}", lpips


def text_table(table: Means) -> str:
    """A table for a terminal: a line for each method, three columns for each set."""
    methods = list(dict.fromkeys(method for rows in table.values() for method in rows))
    label = max(map(len, methods))
    lines = [" " * label, " " * label, *(method.ljust(label) for method in methods)]
    for name, rows in table.items():
        block = [_HEADS, *(cells(rows[method]) for method in methods)]
        widths = [max(len(row[i]) for row in block) for i in range(3)]
        texts = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in block
        ]
        lines[0] += "   " + name.ljust(len(texts[0]))
        for i, text in enumerate(texts):
            lines[i + 1] += "   " + text
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(table: Means) -> str:
    """The same table in Markdown: a line for each method, PSNR-Y / SSIM-Y / LPIPS in each cell."""
    methods = list(dict.fromkeys(method for rows in table.values() for method in rows))
    lines = ["| | " + " | ".join(table) + " |", "|---" * (len(table) + 1) + "|"]
    for method in methods:
        entries = (" / ".join(cells(rows[method])) for rows in table.values())
        lines.append(f"| {method} | " + " | ".join(entries) + " |")
    return "\n".join(lines)
