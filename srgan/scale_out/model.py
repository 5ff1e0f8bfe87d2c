"""The networks as Beam's RunInference knows models."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from apache_beam.metrics import Metrics
from apache_beam.ml.inference.base import ModelHandler

from srgan import bilevel, heap, tiling
from srgan.scale_out.order import Layer, Order, Piece, Upscaled
from srgan.scale_out.orphans import end_with
from srgan.tiling import Span, Tile
from srgan.upscaler import Upscaler

# Pieces of one batch are held at once, with their results: 16 × 3 bytes a pixel. A larger piece is
# a batch of its own.
_PIXELS_A_BATCH = 2_000_000


@dataclass
class Loaded:
    """The networks as loaded in a worker process, and how many pictures they may still look at."""

    upscaler: Upscaler
    to_look_at: int


class Networks(ModelHandler[Piece, Upscaled, Loaded]):
    """Runs the windows of pieces. Loaded once in each worker process, shared by its threads.

    together: small pieces in batches. Regions are better one by one: each is written before the
    next is made, so that less is held, and less lost with a worker.
    """

    def __init__(self, order: Order, *, together: bool):
        super().__init__()
        self._order, self._together = order, together

    def load_model(self) -> Loaded:
        """The upscaler with the networks ready. Raises NetworkUnavailable, which ends the run."""
        end_with(self._order.launcher)
        heap.give_back()  # this is the worker's process, and regions are large
        upscaler = Upscaler(threads=self._order.threads)
        upscaler.load(self._order.options.model or upscaler.zoo.default)
        return Loaded(upscaler, self._order.look_at)

    def run_inference(
        self,
        batch: Sequence[Piece],
        model: Loaded,
        inference_args: dict[str, Any] | None = None,
    ) -> list[Upscaled]:
        """One `Upscaled` for each piece. Pieces of equal windows go through one after another, so
        that the interpreter lays out its memory once for all of them."""
        by_window = sorted(batch, key=lambda piece: piece.window)
        for piece in by_window:
            _look_at(piece, model)
        return [_upscaled(piece, model.upscaler, self._order) for piece in by_window]

    def batch_elements_kwargs(self) -> dict[str, Any]:
        """Batches of about as many pixels, whatever the pieces' sizes, or of one piece."""
        if not self._together:
            return {"min_batch_size": 1, "max_batch_size": 1}
        return {
            "min_batch_size": _PIXELS_A_BATCH,
            "max_batch_size": _PIXELS_A_BATCH,
            "element_size_fn": _pixels_of,
        }

    def get_num_bytes(self, batch: Sequence[Piece]) -> int:
        """Of the pixels that go in; by default the whole batch would be pickled to count it."""
        return sum(layer.pixels.nbytes for piece in batch for layer in piece.layers)

    def get_metrics_namespace(self) -> str:
        """Where RunInference's own metrics are found."""
        return "srgan"


def _pixels_of(piece: Piece) -> int:
    return piece.pixels


def _look_at(piece: Piece, model: Loaded) -> None:
    """Count whether denoising is for a picture, which has not been denoised."""
    if model.to_look_at > 0 and piece.result[0] == 0:  # whole, or the first region
        model.to_look_at -= 1
        noisy = model.upscaler.needs_denoising_at(piece.places)
        Metrics.counter("srgan", "looked_at").inc()
        Metrics.counter("srgan", "noisy").inc(int(noisy))


def _upscaled(piece: Piece, upscaler: Upscaler, order: Order) -> Upscaled:
    started = time.monotonic()
    results = tuple(_through(layer, piece, upscaler, order) for layer in piece.layers)
    through = sum(not layer.drawn for layer in piece.layers)
    Metrics.counter("srgan", "tiles").inc(len(piece.tiles) * through)
    return Upscaled(piece, results, piece.seconds + time.monotonic() - started)


def _through(layer: Layer, piece: Piece, upscaler: Upscaler, order: Order) -> np.ndarray:
    network = upscaler.zoo.model(order.options.model or upscaler.zoo.default)
    top, height = piece.result
    channels = 1 if layer.gray else 3
    if layer.drawn:
        larger = bilevel.enlarge(layer.pixels[:, :, :channels], network.scale)
        return larger[network.scale * top : network.scale * (top + height)]
    if layer.alpha:
        options, tone = replace(order.options, denoise=0), None
    else:
        options, tone = upscaler.fitted(piece.places, order.options)
    shape = height * network.scale, layer.pixels.shape[1] * network.scale
    result = np.empty((*shape, channels), np.uint8)
    through = upscaler.run_tiles(
        layer.pixels, piece.tiles, piece.window, options, gray=layer.gray, tone=tone
    )
    for tile, made in through:
        tiling.merge(result, Tile(tile.x, shifted(tile.y, -top)), made, network.scale)
    return result


def shifted(span: Span, by: int) -> Span:
    """The same span with another place for 0."""
    return Span(span.start + by, span.keep_start + by, span.keep_stop + by)
