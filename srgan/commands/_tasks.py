"""What is to be done, and what is heard of it."""

from collections.abc import Callable
from dataclasses import dataclass

from srgan.commands._plan import Job
from srgan.errors import SrganError
from srgan.records import Record


@dataclass(frozen=True)
class Task:
    """A job, its number among all of them, and the most memory that it may take, in bytes.

    `look` says whether its picture is to be looked at for noise.
    """

    number: int
    job: Job
    memory: int
    look: bool = False


@dataclass(frozen=True)
class Made:
    """A result in its place; `noisy` if its picture was looked at and denoising is for it.

    `pixels`: of the picture that it was made of.
    """

    record: Record
    noisy: bool
    pixels: int


@dataclass(frozen=True)
class Told:
    """What is known of a task: the share that is done, from 0 to 1, and how it ended, if it did."""

    task: Task
    share: float
    made: Made | None = None
    error: SrganError | None = None


OnTold = Callable[[Told], None]
