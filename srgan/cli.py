"""The command line. Each command is a module of `srgan.commands` with two functions:

add_parser(subparsers) adds the command's parser; run(args) does the work and gives the exit code.
Only the module of the command that is called is imported: asking for help loads nothing else.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from srgan.errors import BadOption, SrganError

COMMANDS = {
    "upscale": "make pictures larger and cleaner",
    "batch": "a folder or bucket of any size, on Apache Beam",
    "serve": "serve the page and the HTTP API",
    "models": "list the networks and what was measured of them",
    "evaluate": "measure quality on benchmark pictures",
    "limits": "show every limit, its variable and what it is for",
    "benchmark": "measure speed and memory on this machine",
    "data": "say how to get training pictures, and check those that are there",
    "train": "train a network on your own pictures",
    "export": "write trained networks for serving",
}

# Where what a command needs is locked; all others do with what the page needs.
_LOCKS = {
    "train": "requirements.txt",
    "export": "requirements.txt",
    "batch": "requirements-batch.txt",
}
_PAGE_LOCK = "requirements-serve.txt"
_BACKENDS = ("jax", "torch")  # which KERAS_BACKEND may name; they are in no lock

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    Raises SystemExit as argparse does, with 2 for wrong usage and 0 after --help.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every code page of Windows has a ×
    if sys.stderr is None:  # it is closed, and nothing that is said there is for standard output
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    arguments = sys.argv[1:] if arguments is None else arguments
    called = next((word for word in arguments if not word.startswith("-")), None)
    try:
        module = import_module(f"srgan.commands.{called}") if called in COMMANDS else None
        parser = _parser(called, module)
        args, passed_on = parser.parse_known_args(arguments)
        args.passed_on = passed_on
        assert module is not None  # argparse has refused every other command
        if args.passed_on and not getattr(module, "PASSES_ON", False):
            parser.error(f"unrecognized arguments: {' '.join(args.passed_on)}")
        return int(module.run(args))
    except SrganError as error:
        print(f"srgan: {error}", file=sys.stderr)
        return USAGE if isinstance(error, BadOption) else FAILED
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "srgan":
            raise
        print(
            f"srgan: The command {called} needs {error.name}, which is not installed: "
            f"{_how_to_install(error.name, called)}",
            file=sys.stderr,
        )
        return FAILED
    except KeyboardInterrupt:
        print("srgan: Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. Python would complain once more while closing standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _how_to_install(package: str, called: str | None) -> str:
    if package in _BACKENDS:
        return f"pip install {package}."
    lock = _LOCKS.get(called or "", _PAGE_LOCK)
    return f"pip install -r {lock}, in the folder with the program's source."


def _parser(called: str | None, module: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="srgan", description="Pixel Perfect: pictures four times as wide, and cleaner."
    )
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, description="srgan COMMAND --help"
    )
    for name, summary in COMMANDS.items():
        if name == called and module is not None:
            module.add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser
