"""What the steps of the pipeline share: failures go one way, and time is counted."""

import functools
import time
from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from srgan.errors import NetworkUnavailable, PictureTooLarge, SrganError
from srgan.imaging import NO_MEMORY
from srgan.scale_out.order import Found
from srgan.scale_out.planning import failure
from srgan.upscaler import Upscaler

FAILED = "failed"


@functools.cache
def planner() -> Upscaler:
    """Of this process: knows sizes and plans, and has no network loaded."""
    return Upscaler(threads=1)


class Step(beam.DoFn):
    """Runs `work` on each element and gives what it gives, one by one.

    A picture that raises one of `srgan.errors` goes to the output FAILED as a Failure with its
    reason, and the others go on; `found_of` tells the file that an element comes from. Only
    NetworkUnavailable ends the run. The time is counted in the distribution NAME_milliseconds.
    """

    def __init__(
        self, name: str, work: Callable[[Any], Iterable[Any]], found_of: Callable[[Any], Found]
    ):
        self._name, self._work, self._found_of = name, work, found_of
        self._time = Metrics.distribution("srgan", f"{name}_milliseconds")

    def process(self, element: Any) -> Iterable[Any]:
        """See the class."""
        started = time.monotonic()
        try:
            yield from self._work(element)
        except NetworkUnavailable:
            raise
        except SrganError as error:
            yield self._failed(element, error)
        except MemoryError:
            yield self._failed(element, PictureTooLarge(NO_MEMORY))
        finally:
            self._time.update(round((time.monotonic() - started) * 1000))

    def _failed(self, element: Any, error: SrganError) -> beam.pvalue.TaggedOutput:
        reason = failure(self._found_of(element), error, self._name)
        return beam.pvalue.TaggedOutput(FAILED, reason)


def step(
    name: str, work: Callable[[Any], Iterable[Any]], found_of: Callable[[Any], Found]
) -> beam.ParDo:
    """A Step with its two outputs: "done" and FAILED."""
    return beam.ParDo(Step(name, work, found_of)).with_outputs(FAILED, main="done")


def count(name: str, by: int = 1) -> None:
    """Count in a metric of the run."""
    Metrics.counter("srgan", name).inc(by)
