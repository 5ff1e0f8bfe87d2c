"""Several pictures of one visitor, one after the other. What one of them meets stops no other."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from srgan.errors import SrganError
from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web import results
from srgan.web.jobs import Job, QueueFull, State
from srgan.web.results import Result, Source
from srgan.web.service import Service
from srgan.web.wanted import Wanted

AT_ONCE = 2  # in line or at work, so that a batch leaves room for other visitors


class Upload(Protocol):
    """What Streamlit's uploader gives for a file."""

    name: str
    file_id: str

    def getvalue(self) -> bytes:
        """All of it."""


@dataclass(frozen=True)
class Made:
    """A result, and what it was made of."""

    source: Source
    options: Options
    result: Result

    def file(self, wanted: Wanted) -> tuple[str, bytes]:
        """Name and content; a PNG where the format cannot hold it."""
        size, wanted = self.result.size, wanted.of(self.source)
        if results.cannot_write(wanted.format, size):
            wanted = replace(wanted, format="PNG")
        name = results.download_name(self.source, self.options, size, wanted.format)
        return name, self.result.encoded(wanted)


class Item:
    """One picture. `problem` says why there is no `source`, or what the work on it met.

    `made` is the latest result, which stays until there is another one.
    """

    def __init__(self, name: str, source: Source | None) -> None:
        self.name = name
        self.source = source
        self.problem: Exception | None = None
        self.job: Job[Result] | None = None
        self.options: Options | None = None  # of the latest job
        self.made: Made | None = None

    @classmethod
    def read(cls, upload: Upload, limits: Limits) -> Item:
        """What can be made of `upload`."""
        item = cls(upload.name, None)
        try:
            item.source = Source.read(upload.name, upload.getvalue(), limits)
        except SrganError as error:
            item.problem = error
        return item

    def start(self, service: Service, options: Options) -> None:
        """Put this picture in line. Raises `QueueFull`."""
        assert self.source is not None
        self.job = service.upscale(self.source.data, within_reach(options, self.source))
        self.problem, self.options = None, options

    def settle(self) -> None:
        """Take over what a job that is over has left."""
        if self.job is None or not self.job.over:
            return
        job, self.job = self.job, None
        if job.state is State.FAILED:
            self.problem = job.error
        elif job.state is State.DONE:
            assert self.source is not None
            assert self.options is not None
            self.made = Made(self.source, self.options, job.result())

    def tried(self, options: Options) -> bool:
        """Whether these options have led to a result or to a problem already."""
        failed = self.problem is not None and self.options == options
        return self.source is None or failed or self.has_result(options)

    def has_result(self, options: Options) -> bool:
        """Whether there is a result of these options."""
        return self.made is not None and self.made.options == options


def within_reach(options: Options, source: Source) -> Options:
    """`options` with at most four times the width of `source`."""
    if options.width is None:
        return options
    return replace(options, width=min(options.width, 4 * source.size[0]))


class Batch:
    """Keeps the pictures, the order they came in, and what is being done with them."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.working = False
        self.latest: Options | None = None
        self.offered: Options | None = None  # of what is in the ZIP
        self.secret = secrets.token_urlsafe(16)

    def hold(self, uploads: Sequence[Upload], limits: Limits) -> None:
        """Have an item for each of `uploads` and none for any other."""
        for gone in self.items.keys() - {upload.file_id for upload in uploads}:
            job = self.items.pop(gone).job
            if job is not None:
                job.cancel()
        for upload in uploads:
            if upload.file_id not in self.items:
                self.items[upload.file_id] = Item.read(upload, limits)

    def names(self) -> dict[str, str]:
        """What to call each picture: no two are alike."""
        return dict(zip(self.items, unlike(item.name for item in self.items.values()), strict=True))

    def start(self, options: Options) -> None:
        """Have everything upscaled that was not tried with `options` yet; `advance` does it."""
        self.working, self.latest = True, options

    def advance(self, service: Service) -> None:
        """Take over what is done and put the next in line. To be called again and again."""
        for item in self.items.values():
            item.settle()
            if item.job is not None:
                item.job.touch()
        if not self.working or self.latest is None:
            return
        under_way = sum(item.job is not None for item in self.items.values())
        left = [item for item in self.left(self.latest) if item.job is None]
        for item in left[: AT_ONCE - under_way]:
            try:
                item.start(service, self.latest)
            except QueueFull:
                return  # and try again the next time
        self.working = bool(left or under_way)

    @property
    def busy(self) -> bool:
        """Whether there is work to come, or work that was stopped and has not ended yet."""
        return self.working or any(item.job is not None for item in self.items.values())

    @property
    def stopping(self) -> bool:
        """Whether work that was stopped has not ended yet."""
        jobs = [item.job for item in self.items.values() if item.job is not None]
        return not self.working and any(job.stopping for job in jobs)

    def left(self, options: Options) -> list[Item]:
        """What was not tried with `options` yet."""
        return [item for item in self.items.values() if not item.tried(options)]

    def done(self, options: Options) -> list[Made]:
        """The results of `options`."""
        made = [item.made for item in self.items.values()]
        return [one for one in made if one is not None and one.options == options]

    def finished(self) -> list[Made]:
        """The results that are offered."""
        return [] if self.offered is None else self.done(self.offered)

    def sources(self) -> list[Source]:
        """The pictures that could be read."""
        return [item.source for item in self.items.values() if item.source is not None]

    def stop(self) -> None:
        """Cancel what is under way; what is done stays."""
        self.working = False
        for item in self.items.values():
            if item.job is not None:
                item.job.cancel()


def unlike(names: Iterable[str]) -> list[str]:
    """The names, with ' (2)' and so on behind the stem of one that was there before."""
    seen: set[str] = set()
    unique = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        number, candidate = 1, name
        while candidate.lower() in seen:
            number += 1
            candidate = f"{stem} ({number}){dot}{ending}"
        seen.add(candidate.lower())
        unique.append(candidate)
    return unique
