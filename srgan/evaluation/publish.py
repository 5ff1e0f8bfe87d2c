"""What was measured of the shipped networks, written beside them."""

import json
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import Any

from srgan.evaluation import methods, published, report
from srgan.evaluation.scoring import Result, Scores
from srgan.zoo import MANIFEST, Zoo, load_zoo

BENCHMARK = "benchmark.json"
CARD = "MODEL_CARD.md"


def publish(
    zoo: Zoo,
    clean: Sequence[Result],
    degraded: Sequence[Result],
    speed: dict[str, Any] | None = None,
) -> None:
    """Write `benchmark.json`, each network's benchmark in the manifest, and the model card.

    A generator's benchmark is of clean inputs; an autoencoder's is of degraded ones, for each
    model that it cleans.

    `clean` and `degraded` are the results of all methods. The benchmark names the SHA-256 of the
    networks that were measured, so that it can be told whether it is still about the shipped ones.
    `speed` is what `srgan benchmark --json` prints, if that was measured too.
    """
    measured: dict[str, Any] = {
        "networks": {name: network.sha256 for name, network in zoo.networks.items()},
        "clean": _means(clean),
        "degraded": _means(degraded),
        "speed": speed,
    }
    _write(zoo, BENCHMARK, measured)
    manifest = json.loads((zoo.folder / MANIFEST).read_text(encoding="utf-8"))
    for network in manifest["networks"].values():
        network["benchmark"] = {}
    for name in zoo.models():
        manifest["networks"][name]["benchmark"] = {
            set_name: rows[name] for set_name, rows in measured["clean"].items()
        }
        autoencoder = zoo.autoencoder_for(zoo.model(name))
        if autoencoder is not None:
            cleaned = manifest["networks"][autoencoder.name]["benchmark"]
            for set_name, rows in measured["degraded"].items():
                cleaned.setdefault(set_name, {})[name] = rows[name + methods.DENOISED]
    _write(zoo, MANIFEST, manifest)
    card = model_card(load_zoo(zoo.folder), measured)
    (zoo.folder / CARD).write_text(card, encoding="utf-8")


def model_card(zoo: Zoo, measured: dict[str, Any]) -> str:
    """The model card's Markdown; `measured` is the content of `benchmark.json`."""
    rows = [
        "| network | for | cleaned by | multiply-adds per input pixel | file |",
        "|---|---|---|---|---|",
    ]
    recipes = []
    for network in zoo.networks.values():
        size = (zoo.folder / network.file).stat().st_size / 1e6
        cleaner = f"`{network.autoencoder}`" if network.autoencoder else ""
        rows.append(
            f"| `{network.name}` | {network.summary} | {cleaner} "
            f"| {network.multiply_adds / 1e6:.2f} million | {network.file}, {size:.2f} MB |"
        )
        stages = (f"{number}. {stage}" for number, stage in enumerate(network.recipe, 1))
        recipes.append("\n".join([f"### `{network.name}`", "", *stages]))
    return Template(_template()).substitute(
        networks="\n".join(rows),
        recipes="\n\n".join(recipes),
        clean=report.markdown_table(_scores(measured["clean"])),
        degraded=report.markdown_table(_scores(measured["degraded"])),
        published=published.markdown_table(measured["clean"]),
        speed=speed_table(measured.get("speed")),
    )


def seconds_per_megapixel(speed: dict[str, Any] | None) -> dict[str, float]:
    """By method, of what `srgan benchmark --json` prints."""
    return {
        one["model"] + (methods.DENOISED if one["denoise"] else ""): one["seconds_per_megapixel"]
        for one in (speed or {}).get("models", ())
    }


def speed_table(speed: dict[str, Any] | None) -> str:
    """In Markdown, of what `srgan benchmark --json` prints; raises KeyError for anything else."""
    if speed is None:
        return "Not measured with these networks: `python -m srgan benchmark` tells it of yours."
    machine, (width, height) = speed["machine"], speed["size"]
    lines = [
        f"A picture of {width} × {height} pixels on {machine['processor']}, "
        f"{speed['threads']} threads, median of {speed['rounds']}:",
        "",
        "| | seconds | seconds for a megapixel of input | memory |",
        "|---|---|---|---|",
    ]
    for one in speed["models"]:
        lines.append(
            f"| {one['model'] + (methods.DENOISED if one['denoise'] else '')} "
            f"| {one['seconds']:.1f} | {one['seconds_per_megapixel']:.1f} "
            f"| {one['peak_bytes'] / 1e6:.0f} MB |"
        )
    return "\n".join(lines)


def _template() -> str:
    return files("srgan.evaluation").joinpath("model_card.template.md").read_text("utf-8")


def _means(results: Sequence[Result]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        set_name: {method: report.finite(scores) for method, scores in rows.items()}
        for set_name, rows in report.means(results).items()
    }


def _scores(table: dict[str, dict[str, dict[str, float]]]) -> report.Means:
    return {
        set_name: {method: Scores(**scores) for method, scores in rows.items()}
        for set_name, rows in table.items()
    }


def _write(zoo: Zoo, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2) + "\n"
    (zoo.folder / name).write_text(text, encoding="utf-8")
