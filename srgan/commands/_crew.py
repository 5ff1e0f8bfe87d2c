"""Several pictures at a time: worker processes, each with networks of its own.

A worker that is killed, as a system does when memory runs out, costs nothing but time: its picture
is tried once more when all others are done, alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from srgan import heap
from srgan.commands._tasks import Made, OnTold, Task, Told
from srgan.commands._work import Work, make
from srgan.errors import NetworkUnavailable, SrganError, WorkerLost
from srgan.upscaler import Progress, Upscaler

if TYPE_CHECKING:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection

_LOST = (
    "The process that worked on it was ended from outside, twice; most often there is not enough "
    "memory for it. Please make the picture smaller, or end other programs."
)
_SECONDS_TO_END = 10  # a worker ends between two windows, and one of them takes about a second


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    task: Task | None = None  # the one it works on


class Crew:
    """Up to `workers` processes of `threads` threads each, within `memory` bytes in all.

    A task that needs more memory than that by itself runs alone.
    """

    def __init__(self, workers: int, threads: int, memory: int, work: Work):
        self._most, self._threads, self._memory, self._work = workers, threads, memory, work
        self._workers: list[_Worker] = []

    def run(self, tasks: Sequence[Task], on_told: OnTold) -> None:
        """Do all tasks; tells of progress and ends as they come.

        Raises NetworkUnavailable, which concerns all tasks. However it is left, no worker remains,
        and of the pictures that were in work nothing is written.
        """
        waiting, again = deque(tasks), deque[Task]()
        lost_once: set[Task] = set()
        try:
            while busy := self._give(waiting, again):
                heard = wait([worker.connection for worker, _ in busy])
                for worker, task in busy:
                    if worker.connection not in heard:
                        continue
                    told = _hear(worker, task)
                    if told is None:
                        self._workers.remove(worker)
                        told = Told(task, 0, error=WorkerLost(_LOST))
                        if task not in lost_once:
                            lost_once.add(task)
                            again.append(task)
                            continue
                    on_told(told)
        finally:
            self._end()

    def _give(self, waiting: deque[Task], again: deque[Task]) -> list[tuple[_Worker, Task]]:
        """Hand out tasks as far as workers and memory reach; gives the workers that have one."""
        while True:
            busy = [(worker, worker.task) for worker in self._workers if worker.task is not None]
            taken = sum(task.memory for _, task in busy)
            if waiting:
                fits = not busy or taken + waiting[0].memory <= self._memory
                room, line = fits and len(busy) < self._most, waiting
            else:
                room, line = bool(again) and not busy, again
            if not room:
                return busy
            idle = [worker for worker in self._workers if worker.task is None]
            worker = idle[0] if idle else self._hire()
            task = worker.task = line.popleft()
            with contextlib.suppress(OSError):  # it has died while idle: hearing from it tells
                worker.connection.send(task)

    def _hire(self) -> _Worker:
        context = multiprocessing.get_context("spawn")  # an interpreter may not be forked
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._threads, self._work))
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _end(self) -> None:
        for worker in self._workers:
            worker.connection.close()
            if worker.task:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_SECONDS_TO_END)
            worker.process.kill()
            worker.process.join()
        self._workers.clear()


def _hear(worker: _Worker, task: Task) -> Told | None:
    """One message of a worker; None where it has ended without one."""
    try:
        message = worker.connection.recv()
    except (EOFError, OSError):
        worker.connection.close()
        worker.process.join()
        return None
    if isinstance(message, NetworkUnavailable):
        raise message
    if isinstance(message, float):
        return Told(task, message)
    worker.task = None
    if isinstance(message, Made):
        return Told(task, 1, made=message)
    return Told(task, 1, error=message)


def _serve(connection: Connection, threads: int, work: Work) -> None:
    """A worker's life: tasks in, shares and ends out, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who gives the tasks
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no part of a file stays behind
    heap.give_back()

    def tell(progress: Progress) -> None:
        connection.send(progress.tiles_done / progress.tiles_total)

    with contextlib.suppress(EOFError, OSError):
        try:
            upscaler = Upscaler(threads=threads)
            upscaler.load(work.options.model or upscaler.zoo.default)
        except SrganError as error:
            connection.send(error)
            return
        while True:
            task: Task = connection.recv()
            try:
                connection.send(make(task, upscaler, work, tell))
            except SrganError as error:
                connection.send(error)
