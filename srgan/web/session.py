"""What one visitor is busy with: a picture, at most one job, and the latest results."""

from __future__ import annotations

from collections.abc import Sequence

from srgan.limits import limits
from srgan.upscaler import Options
from srgan.web import results
from srgan.web.batch import Batch, Item, Made, Upload
from srgan.web.detail import Spot
from srgan.web.jobs import Job, State
from srgan.web.results import Result, Shelf, Source
from srgan.web.service import Service


class Session:
    """Keeps encoded bytes only.

    `job` is the latest one, until its result is on the shelf; `comparison` the latest of those;
    `batch` is for several pictures at a time. `file_id` is the upload's, and empty for the sample.
    `lost` says that the session before, in the same tab, is gone with its pictures.
    """

    def __init__(self) -> None:
        self.lost = False
        self.source: Source | None = None
        self.file_id = ""
        self.job: Job[Result] | None = None
        self.comparison: Job[dict[str, bytes]] | None = None
        self.batch = Batch()
        self._job_options: Options | None = None
        self._made: Made | None = None  # what was shown last
        self._shelf = Shelf()

    def open(self, name: str, data: bytes, file_id: str = "") -> None:
        """Take a picture. Raises `SrganError` for one that cannot be upscaled."""
        self.source, self.file_id = Source.read(name, data, limits()), file_id

    def hold(self, uploads: Sequence[Upload]) -> None:
        """Put the picture away where it is not among `uploads`; the work on it stops."""
        if self.file_id not in ([upload.file_id for upload in uploads] or [""]):
            if self.job is not None:
                self.job.cancel()
            self._close()

    def hand_over(self) -> None:
        """Have the batch go on with the picture, and with the work on it."""
        if self.source is not None and self.file_id:
            item = Item(self.source.name, self.source)
            item.job, item.options, item.made = self.job, self._job_options, self._made
            self.batch.items[self.file_id] = item
            self._close()

    def _close(self) -> None:
        if self.comparison is not None:
            self.comparison.cancel()
        self.source = self.job = self.comparison = self._made = None
        self.file_id = ""

    def start(self, service: Service, source: Source, options: Options) -> None:
        """Have `source` upscaled in the background. Raises `QueueFull`."""
        self.job = service.upscale(source.data, options)
        self._job_options = options

    def compare(self, service: Service, source: Source, spot: Spot, denoise: float) -> None:
        """Have all models tried on one detail in the background. Raises `QueueFull`."""
        self.comparison = service.compare(source.data, spot, denoise)

    @property
    def working(self) -> bool:
        """Whether a job waits or runs."""
        return self.job is not None and not self.job.over

    def result(self, source: Source, options: Options) -> Result | None:
        """The result for these pixels, if it is there already."""
        if self.job is not None and self.job.over and self.job.state is State.DONE:
            assert self._job_options is not None
            self._shelf.put(results.key(source, self._job_options), self.job.result())
            self.job = None
        result = self._shelf.get(results.key(source, options))
        if result is not None:
            self._made = Made(source, options, result)
        return result
