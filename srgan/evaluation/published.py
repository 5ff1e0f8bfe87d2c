"""Other people's networks, to stand beside ours.

Their weights were run on the same pictures and measured in the same way (a border of 4 pixels
cropped, LPIPS with AlexNet), once, when this program was designed: this program does not run them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Figures = tuple[float, float]  # PSNR-Y in dB, LPIPS


@dataclass(frozen=True)
class Published:
    """A network and its figures by set, for clean inputs and for noise 10 with JPEG 40."""

    name: str
    clean: Mapping[str, Figures]
    degraded: Mapping[str, Figures]


def _clean(name: str, *figures: Figures) -> Published:
    return Published(name, dict(zip(("Set5", "Set14", "BSD100"), figures, strict=False)), {})


PUBLISHED = (
    _clean("SRResNet (krasserm)", (32.02, 0.179), (28.54, 0.291), (27.54, 0.382)),
    _clean("RLFN", (32.10, 0.176), (28.60, 0.289), (27.58, 0.381)),
    _clean("IMDN", (32.21, 0.174), (28.59, 0.289), (27.56, 0.375)),
    _clean("SRGAN (krasserm)", (29.19, 0.086), (26.18, 0.165), (25.46, 0.200)),
    _clean("Fast-SRGAN (HasnainRaz)", (29.39, 0.107), (26.34, 0.178), (25.56, 0.237)),
    Published(
        "Real-ESRGAN x4plus",
        {"Set5": (26.63, 0.170), "Set14": (25.43, 0.237)},
        {"Set14": (23.73, 0.308)},
    ),
    _clean("UpscalerJS esrgan-medium", (28.74, 0.252), (26.36, 0.341), (26.16, 0.420)),
)


def markdown_table(sets: Iterable[str]) -> str:
    """A line for each network: PSNR-Y / LPIPS of clean inputs for those of `sets` that any has."""
    sets = [name for name in sets if any(name in other.clean for other in PUBLISHED)]
    lines = ["| | " + " | ".join(sets) + " |", "|---" * (len(sets) + 1) + "|"]
    for other in PUBLISHED:
        cells = [
            f"{other.clean[name][0]:.2f} / {other.clean[name][1]:.3f}"
            if name in other.clean
            else "–"
            for name in sets
        ]
        lines.append(f"| {other.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
