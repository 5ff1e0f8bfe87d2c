"""One run of an order on whatever runner is asked for, and what came of it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineState

from srgan.errors import BadOption
from srgan.scale_out import manifest
from srgan.scale_out.order import Order
from srgan.scale_out.pipeline import build
from srgan.scale_out.receipts import PREFIX


@dataclass(frozen=True)
class Outcome:
    """What the run's metrics count; None for all where the runner does not wait for the end."""

    pictures: int
    skipped: int
    failures: int
    pixels: int
    tiles: int


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


def run(order: Order, options: PipelineOptions, lists: int = 1) -> Outcome | None:
    """Run the order to its end. Raises what the runner raises.

    Gives None for a runner that was asked not to wait (--no_wait_until_finish, templates).
    """
    pipeline = beam.Pipeline(options=options)
    build(pipeline, order, lists)
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
