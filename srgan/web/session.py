"""What one visitor is busy with: a picture, at most one job, and the latest results."""

from __future__ import annotations

from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import results
from srgan.web.batch import Batch
from srgan.web.detail import Spot
from srgan.web.jobs import Job, State
from srgan.web.results import Result, Shelf, Source
from srgan.web.service import Service


class Session:
    """Keeps encoded bytes only.

    `job` is the latest one, until its result is on the shelf; `comparison` the latest of those;
    `batch` is for several pictures at a time.
    """

    def __init__(self) -> None:
        self.source: Source | None = None
        self.job: Job[Result] | None = None
        self.comparison: Job[dict[str, bytes]] | None = None
        self.batch = Batch()
        self._job_key = ""
        self._shelf = Shelf()

    def open(self, name: str, data: bytes) -> None:
        """Take a picture. Raises `SrganError` for one that cannot be upscaled."""
        self.source = Source.read(name, data, limits())

    def forget(self) -> None:
        """Put the picture away; the work on it stops."""
        self.stop()
        if self.comparison is not None:
            self.comparison.cancel()
        self.source = self.job = self.comparison = None

    def start(self, service: Service, source: Source, options: Options) -> None:
        """Have `source` upscaled in the background. Raises `QueueFull`."""
        self.job = service.upscale(source.data, options)
        self._job_key = results.key(source, options)

    def compare(self, service: Service, source: Source, spot: Spot, denoise: float) -> None:
        """Have all models tried on one detail in the background. Raises `QueueFull`."""
        self.comparison = service.compare(source.data, spot, denoise)

    def stop(self) -> None:
        """Cancel the job, if there is one."""
        if self.job is not None:
            self.job.cancel()

    @property
    def working(self) -> bool:
        """Whether a job waits or runs."""
        return self.job is not None and not self.job.over

    def result(self, source: Source, options: Options) -> Result | None:
        """The result for these pixels, if it is there already."""
        if self.job is not None and self.job.over and self.job.state is State.DONE:
            self._shelf.put(self._job_key, self.job.result())
            self.job = None
        return self._shelf.get(results.key(source, options))
