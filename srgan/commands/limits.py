"""`python -m srgan limits`: what is accepted, and which variable changes it."""

import argparse
import json
from dataclasses import asdict

SUMMARY = "show every limit, its variable and what it is for"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its option."""
    parser = subparsers.add_parser("limits", help=SUMMARY, description=SUMMARY.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="the same for programs")


def run(args: argparse.Namespace) -> int:
    """Print the limits that are in force here; returns 0. Raises BadOption for a bad variable."""
    from srgan.limits import LONGEST_SIDE, limits, lines

    listed = lines(limits())
    if args.json:
        document = {
            "limits": [asdict(line) for line in listed],
            "longest_side_of_a_result": LONGEST_SIDE,
        }
        print(json.dumps(document, indent=2))
        return 0
    rows = [
        (
            line.variable,
            line.shown + ("" if line.value == line.default else "*"),
            line.meaning,
        )
        for line in listed
    ]
    columns = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for variable, shown, meaning in rows:
        print(f"{variable:{columns[0]}}  {shown:>{columns[1]}}  {meaning}")
    if any(line.value != line.default for line in listed):
        print("* set by the variable")
    sides = ", ".join(f"{name} {side:,}" for name, side in LONGEST_SIDE.items())
    print(f"\nThe longer side of a result, in pixels, as the formats have it: {sides}")
    return 0
