"""A line of jobs of which only a few run at once. Knows nothing of pages and pictures."""

from __future__ import annotations

import logging
import math
import random
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Generic, TypeVar

from srgan.errors import Cancelled, NotEnoughMemory, SrganError
from srgan.upscaler import Progress

logger = logging.getLogger(__name__)

THREAD = "upscale"  # the name of the threads that work

T = TypeVar("T")
Report = Callable[[Progress], None]
Work = Callable[[Report, threading.Event], T]
WhenOver = Callable[["Job"], None]

REMEMBERED = 16  # jobs, of which the middle one tells how long the next may take


class QueueFull(SrganError):
    """More jobs are waiting than the line holds, or being sent for it.

    `retry_after`: seconds until half of the line or more will have been worked off.
    """

    def __init__(self, why: str, retry_after: int) -> None:
        plural = "" if retry_after == 1 else "s"
        super().__init__(f"{why} Please try again in {retry_after} second{plural}.")
        self.retry_after = retry_after


class State(StrEnum):
    """Where a job stands. The last three are final."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Generic[T]):
    """One piece of work in a `JobQueue`. Every attribute may be read from any thread.

    `progress` is the latest report, `None` before the first; `error` is set once `FAILED`.
    `waited` and `worked` are seconds, 0.0 for what has not begun; `begun` is by the queue's clock,
    None before.
    """

    def __init__(self, work: Work[T], queue: JobQueue, when_over: WhenOver) -> None:
        self.state = State.WAITING
        self.progress: Progress | None = None
        self.error: Exception | None = None
        self._result: T | None = None
        self._work: Work[T] | None = work
        self._queue = queue
        self._stop = threading.Event()
        self._over = threading.Event()
        self._when_over = when_over
        self._seen = self._submitted = queue.clock()
        self.waited = self.worked = 0.0
        self.begun: float | None = None

    @property
    def place(self) -> int:
        """0 when at work or over, 1 for the next in line, and so on."""
        return self._queue.place(self)

    @property
    def over(self) -> bool:
        """Whether the state is final."""
        return self._over.is_set()

    @property
    def stopping(self) -> bool:
        """Whether the work ends at its next step."""
        return self._stop.is_set() and not self.over

    def seconds_left(self, typical: float) -> float:
        """About how long the work goes on, by its own report, else for as long as is `typical`."""
        left = None if self.progress is None else self.progress.seconds_left
        return typical if left is None else left

    def touch(self) -> None:
        """Say that somebody still waits for the result."""
        self._seen = self._queue.clock()

    @property
    def abandoned(self) -> bool:
        """Whether nobody has called `touch` for longer than the queue's patience."""
        return self._queue.clock() - self._seen > self._queue.patience

    def cancel(self) -> None:
        """Leave the line at once, or stop the work at its next step. Does nothing once over."""
        self._stop.set()
        self._queue.leave(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds; True when over."""
        return self._over.wait(timeout)

    def result(self) -> T:
        """What the work returned.

        Raises the error of a failed job, `Cancelled` for a cancelled one and `RuntimeError` for one
        that is not over.
        """
        if self.error is not None:
            raise self.error
        if self.state is State.CANCELLED:
            raise Cancelled("Stopped.")
        if self.state is not State.DONE:
            raise RuntimeError("the job is not over")
        return self._result  # type: ignore[return-value]

    def begin(self) -> None:
        """Leave the line for work. For the queue alone, while nobody else can."""
        self.state = State.WORKING
        self.begun = self._queue.clock()
        self.waited = self.begun - self._submitted

    def run(self) -> None:
        """Do the work in this thread. For the queue alone."""
        assert self._work is not None
        began = self._queue.clock()
        try:
            result = self._work(self._report, self._stop)
        except Cancelled:
            state = State.CANCELLED
        except SrganError as error:
            self.error, state = error, State.FAILED
        except Exception as error:
            logger.exception("a job failed in a way that was not foreseen")
            self.error, state = error, State.FAILED
        else:
            state = State.CANCELLED if self._stop.is_set() else State.DONE
            if state is State.DONE:
                self._result = result
        self.worked = self._queue.clock() - began
        self.finish(state)

    def finish(self, state: State) -> None:
        """Enter a final state and drop what the work held on to. For the queue alone."""
        self.state = state
        self._work = None
        try:
            self._when_over(self)
        finally:
            self._over.set()

    def _report(self, progress: Progress) -> None:
        self.progress = progress
        if self.abandoned:
            self._stop.set()


class JobQueue:
    """Runs jobs first come, first served, at most `workers` at once, each in a thread.

    At most `capacity` jobs wait. A job that nobody has asked after for `patience` seconds (see
    `Job.touch`) is cancelled, so that a closed tab gives its place back.
    """

    def __init__(
        self,
        workers: int = 1,
        capacity: int = 20,
        patience: float = float("inf"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workers = workers
        self.capacity = capacity
        self.patience = patience
        self.clock = clock
        self.closed = False
        self._waiting: deque[Job] = deque()
        self._working: set[Job] = set()
        self._worked: deque[float] = deque([1.0], REMEMBERED)
        self._lock = threading.Lock()

    def submit(
        self, work: Work[T], when_over: WhenOver = lambda _: None, spared: int = 0
    ) -> Job[T]:
        """Put `work(report, stop)` in line; `when_over(job)` is called at its end.

        Raises `QueueFull`, where `spared` places are to be left for others too.
        """
        with self._lock:
            self._check_for_room(spared)
            job = Job(work, self, when_over)  # in the line's order, also by the clock
            self._waiting.append(job)
            self._start_next()
        return job

    def check_for_room(self, spared: int = 0) -> None:
        """Raises `QueueFull` where `submit` would."""
        with self._lock:
            self._check_for_room(spared)

    def place(self, job: Job) -> int:
        """0 when `job` does not wait, 1 for the next in line, and so on."""
        with self._lock:
            self._drop_abandoned()
            return self._waiting.index(job) + 1 if job in self._waiting else 0

    def leave(self, job: Job) -> None:
        """Take `job` out of the line if it waits."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
                job.finish(State.CANCELLED)

    @property
    def busy(self) -> bool:
        """Whether any job waits or is at work."""
        with self._lock:
            self._drop_abandoned()
            return bool(self._waiting or self._working)

    def close(self) -> None:
        """Cancel every job; `closed` says so."""
        self.closed = True
        with self._lock:
            jobs = [*self._waiting, *self._working]
        for job in jobs:
            job.cancel()

    def _check_for_room(self, spared: int) -> None:
        self._drop_abandoned()
        if len(self._waiting) >= self.capacity - spared:
            # not the same for all, or they come back at the same time and are refused again
            seconds = max(1, math.ceil(random.uniform(0.5, 1) * self._seconds_ahead()))
            raise QueueFull("Many pictures are already waiting.", seconds)

    def _seconds_ahead(self) -> float:
        """About how long it takes until everything in line now has been worked off."""
        typical = statistics.median(self._worked)
        left = [job.seconds_left(typical) for job in self._working]
        return (sum(left) + typical * len(self._waiting)) / self.workers

    def _drop_abandoned(self) -> None:
        for job in [job for job in self._waiting if job.abandoned]:
            self._waiting.remove(job)
            job.finish(State.CANCELLED)

    def _start_next(self) -> None:
        self._drop_abandoned()
        while self._waiting and len(self._working) < self.workers:
            job = self._waiting.popleft()
            job.begin()
            self._working.add(job)
            thread = threading.Thread(target=self._run, args=(job,), name=THREAD, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system has none left
                logger.error("a job cannot begin: %s", error)
                self._working.discard(job)
                job.error = NotEnoughMemory("The server is at its limits. Please try again later.")
                job.finish(State.FAILED)

    def _run(self, job: Job) -> None:
        try:
            job.run()
        finally:
            with self._lock:
                self._working.discard(job)
                self._worked.append(job.worked)
                self._start_next()
