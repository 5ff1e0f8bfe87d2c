"""What a run has made in a folder, one line of JSON a result, kept hidden among the results."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from srgan.errors import CannotWrite
from srgan.records import Record, Source

NAME = ".srgan.jsonl"


class Journal:
    """The records of one folder of results; a later line about a result replaces an earlier one.

    A line that was cut off by a crash, or that something else has written, is left aside: its
    result is then one that nothing is known of.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._path = folder / NAME
        self._records: dict[str, Record] = {}
        text = self._text()
        self._before_next = "" if not text or text.endswith("\n") else "\n"
        for line in text.split("\n"):  # and at no other end of a line: names may hold those
            try:
                facts = json.loads(line)
                name, source = facts.pop("result"), Source(**facts.pop("source"))
                self._records[name] = Record(source=source, **facts)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue

    def find(self, target: Path) -> Record | None:
        """What is known of the result `target`."""
        return self._records.get(self._name(target))

    def origin_of(self, target: Path) -> str:
        """The path of the source that a result on record was made from."""
        origin = self._records[self._name(target)].origin or ""
        return os.path.normpath(os.path.join(os.path.realpath(self._folder), origin))

    def add(self, target: Path, record: Record) -> None:
        """Write down a result that is in its place. Raises CannotWrite."""
        self._records[self._name(target)] = record
        line = json.dumps({"result": self._name(target), **asdict(record)})
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(self._before_next + line + "\n")
            self._before_next = ""
        except OSError as error:
            raise CannotWrite(f"{self._path} cannot be written: {error.strerror}.") from error

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""  # there is none yet, or none that can be read: nothing is known then

    def _name(self, target: Path) -> str:
        return target.relative_to(self._folder).as_posix()
