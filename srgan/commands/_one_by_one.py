"""Several pictures in this process, on all cores.

While one is in the networks the next is read and the last is encoded and written, so that the cores
need not wait for steps that keep only one of them busy, nor for a disk.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import zip_longest

from srgan.commands._tasks import Made, OnTold, Task, Told
from srgan.commands._work import Opened, Work, enlarge, open_picture, put
from srgan.errors import NetworkUnavailable, SrganError
from srgan.upscaler import Progress, Upscaler


def one_by_one(tasks: Sequence[Task], work: Work, memory: int, on_told: OnTold) -> None:
    """Do all tasks; two share the `memory` (bytes) or wait for each other.

    However it is left, what was put in its place is told. Raises NetworkUnavailable.
    """
    upscaler = Upscaler()
    upscaler.load(work.options.model or upscaler.zoo.default)
    with ThreadPoolExecutor(1, "read") as reading, ThreadPoolExecutor(1, "write") as writing:
        ahead: Future[Opened] | None = None
        last: tuple[Task, Future[Made]] | None = None

        def read(task: Task) -> Future[Opened]:
            return reading.submit(open_picture, task, upscaler, work)

        def settle() -> None:
            nonlocal last
            if last is not None:
                (task, made), last = last, None
                try:
                    told = Told(task, 1, made=made.result())
                except SrganError as error:
                    told = Told(task, 1, error=error)
                on_told(told)

        def through_the_networks(task: Task, given: Future[Opened]) -> None:
            nonlocal last

            def tell(progress: Progress) -> None:
                on_told(Told(task, progress.tiles_done / progress.tiles_total))

            try:
                opened = given.result()
                result = enlarge(opened, upscaler, work, tell)
            except NetworkUnavailable:
                raise
            except SrganError as error:
                settle()  # so that ends are told in order
                on_told(Told(task, 1, error=error))
                return
            settle()
            last = task, writing.submit(put, result, opened, work)

        try:
            for task, following in zip_longest(tasks, tasks[1:]):
                if last is not None and last[0].memory + task.memory > memory:
                    settle()
                given, ahead = ahead or read(task), None
                if following is not None and task.memory + following.memory <= memory:
                    ahead = read(following)
                through_the_networks(task, given)
                del given  # or its picture would stay
        finally:
            settle()
