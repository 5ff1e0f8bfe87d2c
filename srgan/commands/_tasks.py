"""What is to be done, and what is heard of it."""

from collections.abc import Callable
from dataclasses import dataclass

from srgan.commands._plan import Job
from srgan.errors import SrganError
from srgan.records import Record


@dataclass(frozen=True)
class Task:
    """A job, its number among all of them, and the most memory that it may take, in bytes."""

    number: int
    job: Job
    memory: int


@dataclass(frozen=True)
class Told:
    """What is known of a task: the share that is done, from 0 to 1, and how it ended, if it did."""

    task: Task
    share: float
    record: Record | None = None
    error: SrganError | None = None


OnTold = Callable[[Told], None]
