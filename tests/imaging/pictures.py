"""Small pictures and odd files to test with."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms


def photo(width=48, height=32, seed=0):
    """A smooth colour picture, uint8 height × width × 3, its extremes included."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    pixels = np.array(small.resize((width, height), Image.Resampling.BICUBIC))
    pixels[0, 0], pixels[-1, -1] = 0, 255
    return pixels


def gradient(width=48, height=32):
    """uint8 height × width, from 0 to 255."""
    return np.broadcast_to(np.linspace(0, 255, width).astype(np.uint8), (height, width)).copy()


def saved(pixels, format, **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def planes_apart(pixels, order):
    """A TIFF of uint16 height × width × 3 or 4, each channel stored by itself (TIFF 6.0, 8).

    order: "<" or ">".
    """
    height, width, channels = pixels.shape
    body = np.moveaxis(pixels, 2, 0).astype(f"{order}u2").tobytes()
    plane, short, long = len(body) // channels, (3, "H"), (4, "I")
    tags = {
        256: (long, [width]),
        257: (long, [height]),
        258: (short, [16] * channels),
        259: (short, [1]),
        262: (short, [2]),
        273: (long, range(8, 8 + len(body), plane)),
        277: (short, [channels]),
        278: (long, [height]),
        279: (long, [plane] * channels),
        284: (short, [2]),
        **({338: (short, [2])} if channels == 4 else {}),
    }
    directory, beyond = struct.pack(order + "H", len(tags)), b""
    after = 8 + len(body) + 2 + 12 * len(tags) + 4
    for tag, ((kind, code), values) in tags.items():
        value = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(value) > 4:
            where, beyond = after + len(beyond), beyond + value
            value = struct.pack(order + "I", where)
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + value.ljust(4, b"\0")
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8 + len(body))
    return head + body + directory + bytes(4) + beyond


def png(pixels, depth, colour_type, **chunks):
    """A PNG of any kind, from the PNG specification: big-endian samples, no filter.

    pixels: height × width or × channels, in the depth's range.
    """
    height, width = pixels.shape[:2]
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in pixels]
    elif depth == 8:
        rows = [row.astype(np.uint8).tobytes() for row in pixels]
    else:
        bits = np.unpackbits(pixels.astype(np.uint8).reshape(height, width, 1), axis=2)
        rows = [np.packbits(row[:, 8 - depth :].ravel()).tobytes() for row in bits]
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [png_chunk("IHDR", header)]
    parts += [png_chunk(name, content) for name, content in chunks.items()]
    parts += [png_chunk("IDAT", body), png_chunk("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_chunk(name, content):
    body = name.encode() + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def _fixed(value):
    return struct.pack(">i", round(value * 65536))


def _profile(space, tags):
    """An ICC version 2 display profile, from the ICC specification, section 7."""
    table, body = b"", b""
    offset = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name.encode() + struct.pack(">II", offset + len(body), len(content))
        body += content
    header = struct.pack(
        ">I4sI4s4s4s12s4s4sI4sIQI12s4s44x",
        *(offset + len(body), b"\0" * 4, 0x02400000, b"mntr", space, b"XYZ "),
        *(struct.pack(">6H", 2000, 1, 1, 0, 0, 0), b"acsp", b"\0" * 4, 0, b"\0" * 4, 0, 0, 0),
        *(_fixed(0.9642) + _fixed(1.0) + _fixed(0.8249), b"\0" * 4),
    )
    return header + struct.pack(">I", len(tags)) + table + body


def _text(text):
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text.encode() + bytes(1 + 78)


def _xyz(x, y, z):
    return b"XYZ " + bytes(4) + _fixed(x) + _fixed(y) + _fixed(z)


def _gamma(value):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def rgb_profile(gamma=2.2, wide=True):
    """A profile with the primaries of Adobe RGB (1998), adapted to D50, or those of sRGB."""
    return _profile(b"RGB ", _rgb_tags(gamma, wide))


def _rgb_tags(gamma, wide):
    primaries = (
        [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
        if wide
        else [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
    )
    tags = {"desc": _text("made for a test"), "wtpt": _xyz(0.9642, 1.0, 0.8249)}
    for letter, primary in zip("rgb", primaries, strict=True):
        tags[letter + "XYZ"] = _xyz(*primary)
        tags[letter + "TRC"] = _gamma(gamma)
    return tags


def rgb_profile_of_many_steps(steps):
    """That of `rgb_profile`, which says the same a second time by multi-process elements: that many
    curves that change nothing, one after the other, all of them the same bytes.
    """
    segment = b"parf" + bytes(4) + struct.pack(">HH", 0, 0) + struct.pack(">4f", 1, 1, 0, 0)
    curve = b"curf" + bytes(4) + struct.pack(">HH", 1, 0) + segment
    curves = struct.pack(">HH", 3, 3) + struct.pack(">II", 12 + 24, len(curve)) * 3 + curve
    element = b"cvst" + bytes(4) + curves
    place = struct.pack(">II", 16 + 8 * steps, len(element))
    head = b"mpet" + bytes(4) + struct.pack(">HHI", 3, 3, steps)
    table = {"D2B0": head + place * steps + element}
    version_4_3 = b"\4\x30\0\0"
    data = _profile(b"RGB ", _rgb_tags(2.2, wide=True) | table | {"D2B1": table["D2B0"]})
    return data[:8] + version_4_3 + data[12:]


def gray_profile(gamma):
    tags = {"desc": _text("made for a test"), "wtpt": _xyz(0.9642, 1.0, 0.8249)}
    return _profile(b"GRAY", tags | {"kTRC": _gamma(gamma)})


def cmyk_profile():
    """A press that prints nothing: every mix of inks measures as Lab (50, 0, 0)."""
    matrix = b"".join(_fixed(float(row == column)) for row in range(3) for column in range(3))
    lut16 = b"mft2" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + struct.pack(">HH", 2, 2)
    lut16 += struct.pack(">HH", 0, 65535) * 4
    lut16 += struct.pack(">HHH", 0x8000, 0x8000, 0x8000) * 2**4
    lut16 += struct.pack(">HH", 0, 65535) * 3
    data = _profile(
        b"CMYK", {"desc": _text("press"), "wtpt": _xyz(0.9642, 1.0, 0.8249), "A2B0": lut16}
    )
    return data[:12] + b"prtr" + data[16:20] + b"Lab " + data[24:]


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
