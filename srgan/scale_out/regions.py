"""Pictures beyond what one worker holds: cut into regions of whole rows of windows.

The windows are those that the whole picture is planned into, so that a region's pixels are the ones
that `upscale` makes. Each region is read by itself, and its result is written as a part of the
tiled TIFF that the picture becomes: no process ever holds the whole.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import IO

import numpy as np

from srgan.cleanness import SIDE, look, starts
from srgan.errors import BadOption, PictureTooLarge, UnsupportedFormat
from srgan.imaging import decode
from srgan.limits import PILLOW_GUARD_PIXELS, limits
from srgan.records import Source, sha256
from srgan.scale_out import banded_tiff, files, tiled_tiff
from srgan.scale_out.manifest import Entry, entry
from srgan.scale_out.model import shifted
from srgan.scale_out.order import LISTS, Job, Layer, Order, Piece, Region, Upscaled
from srgan.scale_out.whole import layers_of
from srgan.tiling import Span, Tile
from srgan.upscaler import Upscaler

SCALE = 4


def regions_of(job: Job, order: Order, upscaler: Upscaler) -> list[Region]:
    """The regions of a picture. Raises PictureTooLarge and BadOption for what cannot be done."""
    width, height = job.size
    if width * height > order.max_pixels:
        raise PictureTooLarge(
            f"The picture has {width:,} × {height:,} pixels, and at most "
            f"{order.max_pixels / 1e6:,.6g} megapixels are read (--max-pixels)."
        )
    if upscaler.output_size(job.size, order.options) != (width * SCALE, height * SCALE):
        raise BadOption(
            f"A picture of {width:,} × {height:,} pixels is cut into regions, and those are made "
            "exactly 4 times as large. Please leave --scale and --width out for it."
        )
    rows = len(upscaler.plan(job.size, order.options).rows)
    count = max(1, min(rows, round(width * height / order.region_pixels)))
    cuts = [rows * number // count for number in range(count + 1)]
    return [Region(job, number, count, cuts[number], cuts[number + 1]) for number in range(count)]


class RegionReader:
    """Reads regions; keeps the layers of the last picture that had to be decoded whole."""

    def __init__(self, order: Order, upscaler: Upscaler):
        self._order, self._upscaler = order, upscaler
        self._kept: tuple[Job, tuple[Layer, ...]] | None = None
        self._looked: tuple[Job, np.ndarray] | None = None

    def read(self, region: Region) -> Piece:
        """The region as a piece, its halo included. Raises any of `srgan.errors`."""
        started = time.monotonic()
        plan = self._upscaler.plan(region.job.size, self._order.options)
        rows = plan.rows[region.first : region.last]
        top, bottom = rows[0].start, rows[-1].start + plan.window[1]
        layers = self._layers(region.job, top, bottom)
        tiles = (Tile(x, shifted(y, -top)) for y in rows for x in plan.columns)
        kept_top, kept_bottom = rows[0].keep_start, rows[-1].keep_stop
        return Piece(
            region.job,
            layers,
            plan.window,
            tuple(tiles),
            (kept_top - top, kept_bottom - kept_top),
            self._places(region.job),
            time.monotonic() - started,
            {"region": region, "top": kept_top},
        )

    def _layers(self, job: Job, top: int, bottom: int) -> tuple[Layer, ...]:
        reason: str | None = "It is not a TIFF."
        if job.kind == "TIFF":
            with files.open_to_read(job.found.address) as file:
                reason = banded_tiff.why_not(file)
                if reason is None:
                    band = banded_tiff.read_band(file, top, bottom)
                    return (Layer(band.rgb, band.gray, alpha=False),)
        if job.size[0] * job.size[1] > PILLOW_GUARD_PIXELS:
            raise PictureTooLarge(
                "The picture is too large to be decoded whole, and cannot be read region by "
                f"region: {reason} Please save it as a plain TIFF in strips or tiles."
            )
        return tuple(replace(it, pixels=it.pixels[top:bottom]) for it in self._decoded(job))

    def _places(self, job: Job) -> np.ndarray:
        """`look` of the whole picture, read once."""
        if self._looked is None or self._looked[0] != job:
            height = job.size[1]
            spans = [(top, min(top + SIDE, height)) for top in starts(height)]
            bands = (self._layers(job, *span)[0] for span in spans)
            self._looked = job, np.concatenate([look(band.pixels) for band in bands])
        return self._looked[1]

    def _decoded(self, job: Job) -> tuple[Layer, ...]:
        if self._kept is None or self._kept[0] != job:
            self._kept = None
            allowed = self._order.guarded_limits(limits())
            picture = decode(files.read(job.found.address, allowed.max_bytes), allowed)
            if picture.size != job.size:
                raise UnsupportedFormat(
                    "This picture is stored turned, and says so behind its pixels. Please save it "
                    "upright."
                )
            self._kept = job, layers_of(picture)
        return self._kept[1]


@dataclass(frozen=True)
class Part:
    """A region's result as a file, its rows (top, bottom) in the result, and seconds of work."""

    region: Region
    address: str
    rows: tuple[int, int]
    channels: int
    seconds: float


def part_address(region: Region, order: Order) -> str:
    """Where a region's part is kept until the whole is there; another source, or other options,
    lead elsewhere, so that a second run can go on with the parts of one that was broken off."""
    found = region.job.found
    identity = repr((found, region.job.target, order.settings, region.count)).encode()
    return files.address_of(
        order.output,
        PurePosixPath(LISTS, "parts", sha256(identity)[:32], f"{region.number:06}.part"),
    )


def written(upscaled: Upscaled, order: Order) -> Part:
    """Write a region's part. Raises CannotWrite."""
    started = time.monotonic()
    about = upscaled.piece.about
    region: Region = about["region"]
    layers = upscaled.layers
    # joined where there are several: one alone may have hundreds of megabytes
    rows = layers[0] if len(layers) == 1 else np.concatenate(layers, axis=2)
    address = part_address(region, order)
    top = about["top"] * SCALE
    seconds = upscaled.seconds
    files.write(address, tiled_tiff.part(rows, top, region.job.size[1] * SCALE))
    return Part(
        region,
        address,
        (top, top + len(rows)),
        rows.shape[2],
        seconds + time.monotonic() - started,
    )


def part_that_exists(region: Region, order: Order, upscaler: Upscaler) -> Part | None:
    """The part that an earlier run, broken off, has made of a region."""
    address = part_address(region, order)
    if not files.exists(address):
        return None
    spans: Sequence[Span] = upscaler.plan(region.job.size, order.options).rows
    kept = spans[region.first].keep_start, spans[region.last - 1].keep_stop
    with files.open_to_read(address) as file:
        channels = tiled_tiff.channels_of(file)
    return Part(region, address, (kept[0] * SCALE, kept[1] * SCALE), channels, 0)


def merged(parts: Sequence[Part], order: Order) -> Entry:
    """Put all parts of one picture together; gives the manifest's entry. Removes the parts.

    Holds one row of TIFF tiles; the file is put together on this worker's disk. Raises CannotWrite
    and BrokenPicture.
    """
    started = time.monotonic()
    parts = sorted(parts, key=lambda part: part.region.number)
    job = parts[0].region.job
    shape = (job.size[1] * SCALE, job.size[0] * SCALE, parts[0].channels)
    with files.draft(files.address_of(order.output, job.target)) as path:
        encoded = tiled_tiff.tiles(_one_by_one(parts), [part.rows for part in parts], shape)
        tiled_tiff.write(path, encoded, shape)
        output_bytes, digest = path.stat().st_size, files.digest(str(path))
    files.remove([part.address for part in parts])
    files.remove_if_empty(parts[0].address.rpartition("/")[0])
    return entry(
        job,
        order,
        source=Source(job.found.bytes, job.found.modified, files.digest(job.found.address)),
        size=job.size,
        output_size=(shape[1], shape[0]),
        output_bytes=output_bytes,
        output_sha256=digest,
        seconds=sum(part.seconds for part in parts) + time.monotonic() - started,
        regions=len(parts),
    )


def _one_by_one(parts: Sequence[Part]) -> Iterator[IO[bytes]]:
    for part in parts:
        with files.open_to_read(part.address) as file:
            yield file
