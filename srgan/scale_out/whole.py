"""Pictures that one worker holds: decoded, made one piece, and written."""

import time

import numpy as np

from srgan.bilevel import is_bilevel
from srgan.cleanness import look
from srgan.imaging import Picture, check_output_size, decode, encode, resize
from srgan.imaging.hidden import fill_hidden
from srgan.limits import limits
from srgan.records import Source, sha256
from srgan.scale_out import files
from srgan.scale_out.manifest import Entry, entry
from srgan.scale_out.order import Job, Layer, Order, Piece, Upscaled
from srgan.upscaler import Upscaler


def decoded(job: Job, order: Order, upscaler: Upscaler) -> Piece:
    """The whole picture as one piece. Raises any of `srgan.errors`."""
    started = time.monotonic()
    allowed = order.limits(limits())
    data = files.read(job.found.address, allowed.max_bytes)
    picture = decode(data, allowed)
    check_output_size(job.format, *upscaler.output_size(picture.size, order.options))
    plan = upscaler.plan(picture.size, order.options)
    about = {
        "source": Source(len(data), job.found.modified, sha256(data)),
        "size": picture.size,
        "gray": picture.gray,
        "format": picture.format,
    }
    layers = layers_of(picture)
    return Piece(
        job,
        layers,
        plan.window,
        tuple(plan),
        (0, picture.height),
        look(layers[0].pixels),
        time.monotonic() - started,
        about,
    )


def layers_of(picture: Picture) -> tuple[Layer, ...]:
    """Colour, and alpha where there is any."""
    if picture.alpha is None:
        return (Layer(picture.rgb, picture.gray, alpha=False, drawn=is_bilevel(picture.rgb)),)
    rgb = fill_hidden(picture.rgb, picture.alpha)
    colour = Layer(rgb, picture.gray, alpha=False, drawn=is_bilevel(rgb))
    one = picture.alpha[:, :, np.newaxis]
    thrice = np.broadcast_to(one, picture.rgb.shape)
    return colour, Layer(thrice, gray=True, alpha=True, drawn=is_bilevel(one))


def finished(upscaled: Upscaled, order: Order, upscaler: Upscaler) -> Entry:
    """Write the result; gives the manifest's entry. Raises any of `srgan.errors`."""
    started = time.monotonic()
    piece = upscaled.piece
    result = _picture(upscaled)
    target = upscaler.output_size(piece.about["size"], order.options)
    if result.size != target:
        result = resize(result, target)
    encoded = encode(result, piece.job.format, order.quality)
    files.write(files.address_of(order.output, piece.job.target), [encoded])
    return entry(
        piece.job,
        order,
        source=piece.about["source"],
        size=piece.about["size"],
        output_size=result.size,
        output_bytes=len(encoded),
        output_sha256=sha256(encoded),
        seconds=upscaled.seconds + time.monotonic() - started,
    )


def _picture(upscaled: Upscaled) -> Picture:
    about = upscaled.piece.about
    colour, *rest = upscaled.layers
    rgb = np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour
    alpha = rest[0][:, :, 0] if rest else None
    return Picture(rgb, alpha, about["format"], about["gray"])
