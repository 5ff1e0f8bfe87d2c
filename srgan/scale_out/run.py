"""One run of an order on whatever runner is asked for, and what came of it."""

import argparse
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineState

from srgan.errors import BadOption, WorkerLost
from srgan.scale_out import manifest
from srgan.scale_out.order import Failure, Order
from srgan.scale_out.pipeline import build
from srgan.scale_out.receipts import PREFIX

_BEAMS_THREAD_OF_A_WORKER = "run_worker"
_LOST = (
    "A worker process was ended from outside; most often there is not enough memory. Please run "
    "the same command again, with fewer workers or a smaller --whole-pixels: what is done stays."
)


@dataclass(frozen=True)
class Outcome:
    """What the run's metrics count; None for all where the runner does not wait for the end."""

    pictures: int
    skipped: int
    failures: int
    pixels: int
    tiles: int
    looked_at: int
    noisy: int


def options_from(flags: Sequence[str]) -> PipelineOptions:
    """Beam's own options. Raises BadOption for one that Beam does not know."""
    options = PipelineOptions(list(flags))
    unknown = _unknown(flags)
    if unknown:
        raise BadOption(
            f"Neither this command nor Apache Beam knows {' '.join(unknown)}. "
            "Options of a runner that Beam does not know either go behind a --."
        )
    return options


def run(
    order: Order, options: PipelineOptions, unread: Sequence[Failure] = (), lists: int = 1
) -> Outcome | None:
    """Run the order to its end. Gives None for a runner that does not wait for the end.

    unread: what has failed before; lists: the number of files of each list.

    Raises WorkerLost where a worker process of this machine was ended from outside, and what the
    runner raises. After WorkerLost the runner still waits for that worker, and would for ever: the
    caller has to end the process.
    """
    ended: SimpleQueue[Outcome | BaseException | None] = SimpleQueue()

    def work() -> None:
        try:
            ended.put(_run(order, options, unread, lists))
        except BaseException as error:  # noqa: BLE001 - it is raised below
            ended.put(error)

    with _told_of_lost_workers(ended.put):
        threading.Thread(target=work, name="pipeline", daemon=True).start()
        outcome = ended.get()
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


@contextmanager
def _told_of_lost_workers(tell: Callable[[WorkerLost], None]) -> Iterator[None]:
    """Beam's own thread for each worker process ends with an error when that process does."""
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.thread is not None and args.thread.name == _BEAMS_THREAD_OF_A_WORKER:
            tell(WorkerLost(_LOST))
        else:
            before(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


def _run(
    order: Order, options: PipelineOptions, unread: Sequence[Failure], lists: int
) -> Outcome | None:
    pipeline = beam.Pipeline(options=options)
    build(pipeline, order, unread, lists)
    result = pipeline.run()
    state = result.wait_until_finish()
    if state != PipelineState.DONE:
        return None
    _remove_receipts(order)
    return _outcome(result)


def _outcome(result: PipelineResult) -> Outcome:
    found = result.metrics().query(beam.metrics.MetricsFilter().with_namespace("srgan"))
    totals: dict[str, int] = dict.fromkeys(Outcome.__dataclass_fields__, 0)
    for it in found["counters"]:
        name = it.key.metric.name
        if name in totals:
            totals[name] += it.result
    return Outcome(**totals)


def _remove_receipts(order: Order) -> None:
    """The manifest says the same."""
    pattern = f"{manifest.folder_of(order)}/{PREFIX}*"
    there = [it.path for it in FileSystems.match([pattern])[0].metadata_list]
    if there:
        FileSystems.delete(there)


def _unknown(flags: Sequence[str]) -> list[str]:
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False, conflict_handler="resolve")
    for kind in PipelineOptions.__subclasses__():
        kind._add_argparse_args(parser)
    return parser.parse_known_args(list(flags))[1]
