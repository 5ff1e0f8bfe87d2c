"""`python -m srgan serve`: the page and the HTTP API, for `make run` and in the container."""

import argparse
import os
from importlib import import_module

from srgan.errors import BadOption


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command. ADDRESS and PORT are read where the options are not given."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the page and the HTTP API",
        description="Serve the page and the HTTP API until SIGTERM or Ctrl-C. Then nothing new is "
        "begun, and what is under way is finished or stopped within 10 seconds.",
    )
    parser.add_argument("--address", help="default: ADDRESS from the environment, else localhost")
    parser.add_argument("--port", help="default: PORT from the environment, else 8501")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; returns the exit code. Raises BadOption and NetworkUnavailable."""
    address = args.address or os.environ.get("ADDRESS") or "localhost"
    port = _port(args.port or os.environ.get("PORT") or "8501")
    # by name, because the shell may not depend on the page
    return int(import_module("srgan.web.lifecycle").serve(address, port))


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadOption(f"The port must be a whole number from 1 to 65535, not {text!r}.")
    return int(text)
