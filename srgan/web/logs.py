"""The server's log: lines for people, or one JSON object a line where SRGAN_LOG is "json".

`severity` and `message` are what Cloud Logging looks for; other fields come from `extra={"fields":
{…}}`. Nothing that a visitor sends is ever among them, neither file names nor pixels.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime

from srgan.errors import BadOption

KINDS = ("text", "json")
TEXT = "%(asctime)s %(levelname)s %(message)s"

# They log through handlers of their own unless told otherwise.
LIBRARIES = ("streamlit", "uvicorn", "websockets", "asyncio")


class JsonLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["message"] += "\n" + self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up() -> None:
    """Send everything that is logged in this process to one place. Raises BadOption."""
    kind = os.environ.get("SRGAN_LOG") or KINDS[0]
    if kind not in KINDS:
        raise BadOption(f"SRGAN_LOG can be {' or '.join(KINDS)}, not {kind!r}.")
    handler = logging.StreamHandler(sys.stdout if kind == "json" else sys.stderr)
    handler.setFormatter(JsonLine() if kind == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)


def take_over_libraries() -> None:
    """Have what the server's libraries log, with handlers of their own, go the same way."""
    for name in [name for name in logging.root.manager.loggerDict if _is_library(name)]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _is_library(name: str) -> bool:
    return name.partition(".")[0] in LIBRARIES
