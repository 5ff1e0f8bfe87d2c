"""A decoded Pillow image of any mode to 8-bit sRGB and alpha."""

import struct
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from srgan.errors import UnsupportedFormat
from srgan.imaging.picture import Pixels

_TAGS, _TAG_BYTES = 128, 12  # where they begin in a profile, and each (ICC.1:2022, section 7.3)
_TAG_COUNT = struct.Struct(">I")

_SPACES = {"L": ("GRAY", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}
_GRAY_MODES = ("1", "L", "LA", "La", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True)
class Samples:
    """How the file codes its samples, as far as Pillow's mode does not tell.

    depth: bits of a sample. inverted: 0 is white. gray: every pixel is gray.
    """

    depth: int = 8
    inverted: bool = False
    gray: bool = False


@dataclass(frozen=True)
class Layers:
    """rgb: uint8 H × W × 3. alpha: uint8 H × W or None. gray: the channels of rgb are equal."""

    rgb: Pixels
    alpha: Pixels | None
    gray: bool


def to_srgb(image: Image.Image, samples: Samples, profile: bytes | None) -> Layers:
    """The pixels of a loaded image, converted from its colour profile where that can be used.

    Raises UnsupportedFormat for 32-bit integer and floating-point samples: nothing in such a file
    says which value is white.
    """
    gray = samples.gray or image.mode in _GRAY_MODES
    colour, alpha = _colour_and_alpha(image, samples)
    if gray and colour.mode == "RGB":  # as Pillow reads a PNG of gray and alpha in 16 bits
        colour = colour.getchannel("R")
    colour = _converted(colour, profile) if profile else _unprofiled(colour)
    if gray:
        one = np.asarray(colour if colour.mode == "L" else colour.getchannel("G"))
        return Layers(np.repeat(one[:, :, np.newaxis], 3, axis=2), alpha, gray=True)
    return Layers(np.asarray(colour.convert("RGB")), alpha, gray=False)


def _colour_and_alpha(image: Image.Image, samples: Samples) -> tuple[Image.Image, Pixels | None]:
    """Colour of mode L, RGB, CMYK or LAB, and alpha."""
    mode = image.mode
    if mode in ("I", "F"):
        raise UnsupportedFormat(
            "This picture has 32 bits per channel or signed values, which are not read. "
            "Please save it with 8 or 16 bits per channel."
        )
    if mode in ("I;16", "I;16B", "I;16L"):
        deep = np.asarray(image)
        alpha = _keyed(deep, image.info.get("transparency"))
        return Image.fromarray(_table_to_8_bits(samples)[deep]), alpha
    if mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif mode in ("La", "RGBa"):
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[mode])
    elif mode == "1":
        image = _keeping_key(image, image.convert("L"))
    elif mode == "YCbCr":
        image = image.convert("RGB")

    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), np.asarray(image.getchannel("A"))
    key = image.info.get("transparency") if mode != "P" else None
    return image, None if key is None else _keyed(np.asarray(image), _key_in_8_bits(key, samples))


def _keeping_key(before: Image.Image, after: Image.Image) -> Image.Image:
    if "transparency" in before.info:
        after.info["transparency"] = before.info["transparency"]
    return after


def _key_in_8_bits(key: int | tuple[int, ...], samples: Samples) -> int | tuple[int, ...]:
    """A PNG's transparent value, which is coded with the file's own depth, as Pillow decodes it."""
    if isinstance(key, tuple):
        return tuple(value >> 8 if samples.depth == 16 else value & 255 for value in key)
    if samples.depth in (2, 4):
        top = 2**samples.depth - 1
        return (key & top) * (255 // top)
    return key & 255


def _keyed(values: np.ndarray, key: int | tuple[int, ...] | None) -> Pixels | None:
    """Alpha that is 0 where a pixel has the transparent value and 255 elsewhere."""
    if key is None:
        return None
    hit = values == np.asarray(key)
    transparent = hit.all(axis=2) if hit.ndim == 3 else hit
    return np.where(transparent, np.uint8(0), np.uint8(255))


def _table_to_8_bits(samples: Samples) -> Pixels:
    """For each 16-bit value its 8-bit one, 0 to white scaled to 0 to 255 and rounded."""
    white = 2**samples.depth - 1
    scaled = np.minimum(np.arange(65_536) * 255 / white, 255)
    table = np.rint(scaled).astype(np.uint8)
    return 255 - table if samples.inverted else table


def _unprofiled(colour: Image.Image) -> Image.Image:
    if colour.mode == "LAB":
        lab = ImageCms.buildTransform(
            ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
        )
        return _applied(lab, colour)
    return colour if colour.mode in ("L", "RGB") else colour.convert("RGB")


def _converted(colour: Image.Image, profile: bytes) -> Image.Image:
    """Colour in sRGB, as the profile says; a broken or unfitting one is left aside.

    A gray picture with an RGB profile is converted as neutral RGB. A profile that changes nothing
    by more than 1 level is that of sRGB, and the pixels stay as they are.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(_of_few_steps(profile)))
        space = source.profile.xcolor_space.strip()
        if space not in _SPACES.get(colour.mode, ()):
            return _unprofiled(colour)
        if colour.mode == "L":
            return _gray_converted(colour, source, space)
        transform = _to_srgb(source, colour.mode)
        if colour.mode == "RGB" and _changes_nothing(transform):
            return colour
        return _applied(transform, colour)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError, struct.error):
        return _unprofiled(colour)


def _of_few_steps(profile: bytes) -> bytes:
    """A profile without its multi-process elements, which are additional in every profile: 4 MB
    have room for half a million of them, and 1,000 take 5 s.
    """
    changed = bytearray(profile)
    (count,) = _TAG_COUNT.unpack_from(profile, _TAGS)
    table = _TAGS + _TAG_COUNT.size
    for at in range(table, min(table + _TAG_BYTES * count, len(profile)), _TAG_BYTES):
        if profile[at : at + 3] in (b"D2B", b"B2D"):
            changed[at : at + 4] = at.to_bytes(4, "big")  # names that nobody knows, no two alike
    return bytes(changed)


def _gray_converted(gray: Image.Image, source: ImageCms.ImageCmsProfile, space: str) -> Image.Image:
    """By a table of all 256 grays, without the shortcuts that cost accuracy in the shadows."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
    if space == "RGB":
        ramp = ramp.convert("RGB")
    table = _applied(_to_srgb(source, ramp.mode, ImageCms.Flags.NOOPTIMIZE), ramp)
    levels = np.asarray(table.getchannel("G"))[0]
    if int(np.abs(levels.astype(np.int16) - np.arange(256)).max()) <= 1:
        return gray
    return Image.fromarray(levels[np.asarray(gray)])


def _to_srgb(
    source: ImageCms.ImageCmsProfile, mode: str, flags: int = 0
) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags(flags | ImageCms.Flags.BLACKPOINTCOMPENSATION),
    )


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.arange(0, 256, 15, dtype=np.uint8)  # 0, 15, … 255
    red, green, blue = np.meshgrid(levels, levels, levels, indexing="ij")
    grid = np.stack([red, green, blue], axis=-1).reshape(len(levels), -1, 3)
    after = np.asarray(_applied(transform, Image.fromarray(grid)))
    return int(np.abs(after.astype(np.int16) - grid).max()) <= 1


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    assert result is not None  # it is None only where the change is made in place
    return result
