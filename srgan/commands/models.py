"""`python -m srgan models`: the networks that can be chosen, and what is known of them."""

import argparse
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srgan.zoo import Network

_INDENT = " " * 4
_QUALITIES = [
    ("psnr_y", "True to the picture, PSNR-Y in dB (more is better)", ".2f"),
    ("lpips", "Alike to the eye, LPIPS (less is better)", ".3f"),
]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command, which has no options."""
    text = "list the networks and what was measured of them"
    subparsers.add_parser("models", help=text, description=text.capitalize() + ".")


def run(args: argparse.Namespace) -> int:
    """Print a paragraph for each model; returns 0. Raises NetworkUnavailable."""
    from srgan.zoo import load_zoo

    zoo = load_zoo()
    for name in zoo.models():
        print(_described(zoo.model(name), is_default=name == zoo.default))
    return 0


def _described(network: "Network", *, is_default: bool) -> str:
    lines = [
        network.summary,
        f"{network.scale} times as wide and high, "
        f"{network.multiply_adds / 1e6:.2f} million multiply-adds for a pixel",
        *(_measured(network, *quality) for quality in _QUALITIES),
    ]
    wrapped = (
        textwrap.fill(line, 96, initial_indent=_INDENT, subsequent_indent=_INDENT * 2)
        for line in lines
        if line
    )
    return "\n".join([network.name + (" (default)" if is_default else ""), *wrapped])


def _measured(network: "Network", key: str, words: str, form: str) -> str:
    """One quality for each set that the manifest has it for: {set: {key: number}}."""
    scores = [
        f"{name} {facts[key]:{form}}"
        for name, facts in network.benchmark.items()
        if isinstance(facts, dict) and facts.get(key) is not None
    ]
    return f"{words}: {', '.join(scores)}" if scores else ""
