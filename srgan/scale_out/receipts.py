"""What was made is written down while the run goes on: one that is killed leaves no manifest."""

import secrets
import time
from pathlib import PurePosixPath
from typing import Any

import apache_beam as beam

from srgan.scale_out import files
from srgan.scale_out.manifest import as_line
from srgan.scale_out.order import LISTS, Order

PREFIX = "made-"
_ENTRIES = 200
_SECONDS = 20.0


class Receipts(beam.DoFn):
    """Passes entries on, and writes them into small lists of JSON lines as they come."""

    def __init__(self, order: Order):
        self._order = order
        self._lines: list[str] = []
        self._since = 0.0

    def start_bundle(self) -> None:
        """Nothing is held yet."""
        self._lines, self._since = [], time.monotonic()

    def process(self, entry: dict[str, Any]) -> Any:
        """Take one entry."""
        self._lines.append(as_line(entry))
        if len(self._lines) >= _ENTRIES or time.monotonic() - self._since >= _SECONDS:
            self._write()
        yield entry

    def finish_bundle(self) -> None:
        """Write what is held."""
        if self._lines:
            self._write()

    def _write(self) -> None:
        name = f"{PREFIX}{secrets.token_hex(8)}.jsonl"
        place = PurePosixPath(LISTS, self._order.run, name)
        text = "".join(line + "\n" for line in self._lines)
        files.write(files.address_of(self._order.output, place), [text.encode()])
        self.start_bundle()
