"""Another size for a picture."""

from math import ceil, floor

import numpy as np
from PIL import Image

from srgan.errors import BadOption
from srgan.imaging.picture import Picture, Pixels

_LANCZOS_RADIUS = 3
_BAND_ROWS = 256  # Pillow keeps 4 bytes a pixel: a large picture goes through it band by band


def resize(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at size = (width, height), by Lanczos interpolation with 3 lobes.

    Colours weigh as much as they are opaque, so that what is under a transparent pixel never shows;
    a single-valued alpha is copied. Raises BadOption unless both sides are at least 1.
    """
    width, height = size
    if width < 1 or height < 1:
        raise BadOption(f"A picture cannot be resized to {width} × {height} pixels.")
    if size == picture.size:
        return picture
    alpha = picture.alpha
    if alpha is not None and alpha.min() == alpha.max():
        alpha = np.full((height, width), alpha[0, 0], np.uint8)
    elif alpha is not None:
        # Pillow premultiplies RGBA by itself.
        both = _resized([picture.rgb, alpha], size)
        rgb, alpha = (np.ascontiguousarray(part) for part in (both[:, :, :3], both[:, :, 3]))
        return Picture(rgb, alpha, picture.format, picture.gray)
    if picture.gray:
        one = _resized([picture.rgb[:, :, 0]], size)
        rgb = np.repeat(one[:, :, np.newaxis], 3, axis=2)
    else:
        rgb = _resized([picture.rgb], size)
    return Picture(rgb, alpha, picture.format, picture.gray)


def _resized(layers: list[Pixels], size: tuple[int, int]) -> Pixels:
    """Layers of equal height and width, stacked along the channels and resized."""
    width, height = size
    rows, columns = layers[0].shape[:2]
    scale = rows / height
    reach = ceil(_LANCZOS_RADIUS * max(scale, 1)) + 1
    bands = []
    for top in range(0, height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, height)
        first = max(floor(top * scale) - reach, 0)
        last = min(ceil(bottom * scale) + reach, rows)
        slab = [layer[first:last] for layer in layers]
        image = Image.fromarray(slab[0] if len(slab) == 1 else np.dstack(slab))
        box = (0, top * scale - first, columns, min(bottom * scale, rows) - first)
        bands.append(np.asarray(image.resize((width, bottom - top), Image.Resampling.LANCZOS, box)))
    return np.concatenate(bands)
