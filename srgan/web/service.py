"""One upscaler and one line of jobs for the whole process: the page and the API share them."""

from __future__ import annotations

import functools
import threading
import time

from srgan import imaging
from srgan.limits import limits
from srgan.upscaler import Options, Upscaler
from srgan.web.jobs import Job, JobQueue, Report
from srgan.web.results import Result

# Browsers wake a hidden tab once a minute at least; after two missed calls it is taken as closed.
PATIENCE_SECONDS = 150.0


class Service:
    """Upscales in the background. `runs` counts how often the networks were set to work."""

    def __init__(self, upscaler: Upscaler, queue: JobQueue) -> None:
        self.upscaler = upscaler
        self.queue = queue
        self.runs = 0
        self._counting = threading.Lock()

    def upscale(self, data: bytes, options: Options) -> Job[Result]:
        """Put the picture in `data` in line. Raises `QueueFull`; the job raises `SrganError`."""

        def work(report: Report, stop: threading.Event) -> Result:
            started = time.monotonic()
            picture = imaging.decode(data, limits())
            with self._counting:
                self.runs += 1
            big = self.upscaler.upscale(picture, options, on_progress=report, cancel=stop)
            return Result.of(big, time.monotonic() - started)

        return self.queue.submit(work)


@functools.cache
def service() -> Service:
    """The service of this process."""
    line = JobQueue(limits().max_running, limits().max_waiting, PATIENCE_SECONDS)
    return Service(Upscaler(), line)
