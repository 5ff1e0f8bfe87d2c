"""Thousands of bad files, made from good ones: (name, bytes), always the same ones."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms

from tests.imaging import heic, pictures
from tests.imaging.pictures import png_chunk, saved
from tests.imaging.webp_codes import webp_of_many_codes

File = tuple[str, bytes]

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SIDE = 4096  # whose square is a little less than the most pixels that are read
GIF_CODES = b"\2L\1"  # of a block of two bytes: clear, one pixel, the end


def good_files() -> dict[str, bytes]:
    """Small files of every kind that is read, and of some that are refused."""
    colour, gray = pictures.photo(24, 18), pictures.gradient(24, 18)
    image = Image.fromarray(colour)
    turned, profile = pictures.exif(6), pictures.rgb_profile()
    cmyk = image.convert("CMYK")
    return {
        "png": saved(image, "PNG", exif=turned, icc_profile=profile),
        "png palette": saved(image.quantize(16), "PNG", transparency=bytes([0, 100])),
        "png 16 bits": saved(gray.astype(np.uint16) * 257, "PNG"),
        "png animated": saved(gray, "PNG", save_all=True, append_images=[Image.fromarray(gray)]),
        "png keyed": pictures.png(gray, 8, 0, tRNS=b"\0\x07"),
        "jpeg": saved(image, "JPEG", exif=turned, icc_profile=profile),
        "jpeg progressive": saved(image, "JPEG", progressive=True),
        "jpeg restarts": saved(image, "JPEG", restart_marker_rows=1),
        "jpeg cmyk": saved(cmyk, "JPEG", icc_profile=pictures.cmyk_profile()),
        "jpeg several": saved(
            image, "MPO", save_all=True, append_images=[Image.fromarray(gray)], exif=turned
        ),
        "webp": saved(image, "WEBP", exif=turned, icc_profile=profile),
        "webp alpha": saved(np.dstack([colour, gray]), "WEBP"),
        "webp lossless": saved(np.dstack([colour, gray]), "WEBP", lossless=True),
        "webp animated": saved(image, "WEBP", save_all=True, append_images=[Image.fromarray(gray)]),
        "gif": saved(image, "GIF"),
        "gif transparent": saved(image.quantize(16), "GIF", transparency=3, comment=b"a comment"),
        "gif gray": saved(gray, "GIF", interlace=0),
        "gif animated": saved(image, "GIF", save_all=True, append_images=[Image.fromarray(gray)]),
        "bmp": saved(image, "BMP"),
        "bmp palette": saved(image.quantize(16), "BMP"),
        "bmp 1 bit": saved(image.convert("1"), "BMP"),
        "tiff": saved(image, "TIFF", exif=turned, icc_profile=profile),
        "tiff lzw": saved(image, "TIFF", compression="tiff_lzw"),
        "tiff deflate": saved(image, "TIFF", compression="tiff_adobe_deflate"),
        "tiff packbits": saved(image, "TIFF", compression="packbits"),
        "tiff zstd": saved(image, "TIFF", compression="zstd"),
        "tiff lzma": saved(image, "TIFF", compression="lzma"),
        "tiff jpeg": saved(image, "TIFF", compression="jpeg"),
        "tiff fax": saved(image.convert("1"), "TIFF", compression="group4"),
        "tiff lab": saved(image.convert("LAB"), "TIFF"),
        "tiff big": saved(image, "TIFF", big_tiff=True),
        "tiff pages": saved(
            gray.astype(np.uint16), "TIFF", save_all=True, append_images=[Image.fromarray(gray)]
        ),
        "avif": saved(image, "AVIF", exif=turned, icc_profile=profile),
        "avif alpha": saved(np.dstack([colour, gray]), "AVIF"),
        "avif animated": saved(image, "AVIF", save_all=True, append_images=[Image.fromarray(gray)]),
        **{f"heic {name}": data for name, data in heic.FILES.items()},
    }


def small() -> Iterator[File]:
    """Files that take next to no time."""
    good = good_files()
    for name, data in good.items():
        yield from _cut(name, data)
        yield from _flipped(name, data)
    yield from _wrong_magic(good)
    yield from _giant_headers()
    yield from _orientations()
    yield from _odd_pngs()
    yield from _odd_tiffs()
    yield from _odd_bmps()
    yield from _odd_gifs()
    yield from _odd_jpegs(good)
    yield from _odd_heics()
    yield from _odd_animations(good)
    yield from _no_pictures()
    yield from _polyglots(good)


def large() -> Iterator[File]:
    """Bombs, and whatever else is meant to cost time or memory."""
    yield from _png_bombs()
    yield from _tiff_bombs()
    yield from _bmp_bombs()
    yield from _gif_bombs()
    yield from _webp_bombs()
    yield from _jpeg_bombs()
    yield from _oversized_metadata()
    yield from _thin()


# Cut, flipped and spliced


def _cut(name: str, data: bytes) -> Iterator[File]:
    """At every kind of boundary, and just before and after it."""
    bounds = {0, 2, 4, 8, 12, 26, 54, len(data) // 4, len(data) // 2, len(data) * 3 // 4}
    bounds |= {
        data.find(mark) for mark in (b"IDAT", b"IEND", b"\xff\xda", b"ALPH", b"VP8", b"ANMF")
    }
    bounds |= {
        data.find(mark) for mark in (b"\xff\xc0", b"\xff\xc4", b"\xff\xe1", b"iCCP", b"eXIf")
    }
    if name.startswith("tiff"):
        bounds.add(struct.unpack_from("<I", data, 4)[0])
    places = {at + step for at in bounds if at >= 0 for step in (-1, 0, 1, 4, 9)}
    places.add(len(data) - 1)
    for at in sorted(place for place in places if 0 < place < len(data)):
        yield f"{name}, cut at {at}", data[:at]


def _flipped(name: str, data: bytes) -> Iterator[File]:
    rng = np.random.default_rng(len(data))
    for turn in range(12):
        changed = bytearray(data)
        reach = min(len(data), 200) if turn % 2 else len(data)
        for at in rng.integers(0, reach, 1 + turn // 2):
            changed[at] ^= 1 << int(rng.integers(0, 8))
        yield f"{name}, flipped {turn}", bytes(changed)


def _wrong_magic(good: dict[str, bytes]) -> Iterator[File]:
    magics = {"png": 8, "jpeg": 3, "webp": 12, "gif": 6, "bmp": 2, "tiff": 4}
    for magic, length in magics.items():
        for body in magics:
            if magic != body:
                yield f"{magic} before {body}", good[magic][:length] + good[body][length:]
                yield f"{magic} beside {body}", good[magic] + good[body]
                half = len(good[magic]) // 2
                yield f"half a {magic}, then {body}", good[magic][:half] + good[body]


# Headers


def ihdr(width: int, height: int, depth: int = 8, kind: int = 2, *rest: int) -> bytes:
    compression, filtering, interlace = (*rest, 0, 0, 0)[:3]
    fields = (width, height, depth, kind, compression, filtering, interlace)
    return png_chunk("IHDR", struct.pack(">IIBBBBB", *fields))


def png_of(header: bytes, body: bytes = zlib.compress(b"\0"), *chunks: bytes) -> bytes:
    return PNG_MAGIC + header + b"".join(chunks) + png_chunk("IDAT", body) + png_chunk("IEND", b"")


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def tiff(entries: dict[int, tuple[int, int, bytes]], body: bytes = b"", after: int = 0) -> bytes:
    """A TIFF of one directory at 8: {tag: (type, count, value)}, then long values, then `body`.

    A value of None stands for where the body begins.
    """
    end = 8 + 2 + 12 * len(entries) + 4
    long, places = [], {}
    for tag, (_, _, value) in sorted(entries.items()):
        if value is not None and len(value) > 4:
            places[tag] = end
            long.append(value + bytes(len(value) % 2))
            end += len(long[-1])
    directory = [struct.pack("<H", len(entries))]
    for tag, (kind, count, value) in sorted(entries.items()):
        at = end if value is None else places.get(tag)
        content = value if at is None else struct.pack("<I", at)
        directory.append(struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0"))
    head = b"II*\0" + struct.pack("<I", 8)
    return b"".join([head, *directory, struct.pack("<I", after), *long, body])


def shorts(*values: int) -> tuple[int, int, bytes]:
    return 3, len(values), struct.pack(f"<{len(values)}H", *values)


def longs(*values: int) -> tuple[int, int, bytes]:
    return 4, len(values), struct.pack(f"<{len(values)}I", *values)


def tiff_tags(width: int, height: int, samples: int = 3, bits: int = 8, nbytes: int | None = None):
    return {
        256: longs(width),
        257: longs(height),
        258: shorts(*[bits] * samples),
        259: shorts(1),
        262: shorts(2 if samples >= 3 else 1),
        273: (4, 1, None),
        277: shorts(samples),
        278: longs(height),
        279: longs(width * height * samples * bits // 8 if nbytes is None else nbytes),
    }


def packed_bmp(width: int, height: int, bits: int, body: bytes) -> bytes:
    """A BMP of runs, of a palette in black."""
    data = bmp(width, height, bits, {8: 1, 4: 2}[bits], bytes(4 * 2**bits) + body)
    return data[:10] + struct.pack("<I", len(data) - len(body)) + data[14:]


def bmp(width: int, height: int, bits: int, compression: int = 0, body: bytes = b"") -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54) + info + body


def _giant_headers() -> Iterator[File]:
    most = 2**31 - 1
    for width, height in [(most, most), (most, 1), (1, most), (70_000, 70_000), (SIDE, SIDE)]:
        size = f"{width} × {height}"
        yield f"png header {size}", png_of(ihdr(width, height))
        yield f"png header {size}, 16 bits, interlaced", png_of(ihdr(width, height, 16, 6, 0, 0, 1))
        yield f"tiff header {size}", tiff(tiff_tags(width, height, nbytes=9), bytes(9))
        yield f"bmp header {size}", bmp(width, height, 24, 0, bytes(9))
        yield f"bmp header {size}, upside down", bmp(width, -height, 32, 0, bytes(9))
    yield "png header 2³² − 1", png_of(ihdr(2**32 - 1, 2**32 - 1))
    yield "tiff header 2³² − 1", tiff(tiff_tags(2**32 - 1, 2**32 - 1, nbytes=9), bytes(9))
    yield "bmp header −2³¹", bmp(-(2**31), -(2**31), 24)
    for side in (65_535, 30_000, SIDE):
        frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, side, side, 3)
        scan = b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
        components = bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
        yield f"jpeg header {side}²", b"\xff\xd8" + frame + components + scan
        yield f"webp canvas {side}²", riff(vp8x(side, side), (b"VP8 ", bytes(20)))
        lossy = b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", side & 16_383, side & 16_383)
        yield f"webp frame {side}²", riff((b"VP8 ", lossy + bytes(20)))
        bits = (min(side, 16_384) - 1) | (min(side, 16_384) - 1) << 14
        yield (
            f"webp lossless {side}²",
            riff((b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(9))),
        )


# Orientation


def _orientations() -> Iterator[File]:
    values = {
        "0": shorts(0),
        "9": shorts(9),
        "65535": shorts(65_535),
        "several": shorts(6, 3),
        "none": (3, 0, b""),
        "text": (2, 4, b"six\0"),
        "long text": (2, 100, b"6" * 100),
        "fraction": (5, 1, struct.pack("<II", 6, 0)),
        "floating": (12, 1, struct.pack("<d", float("nan"))),
        "negative": (9, 1, struct.pack("<i", -6)),
        "far too many": (3, 2**32 - 1, struct.pack("<I", 8)),
        "of no type": (99, 1, b"\6\0"),
        "outside": (4, 2, struct.pack("<I", 2**32 - 1)),
    }
    image = Image.fromarray(pictures.photo(24, 18))
    for name, value in values.items():
        blocks = {
            name: tiff({0x0112: value}),
            f"{name}, in a loop": tiff({0x0112: value}, after=8),
            f"{name}, cut": tiff({0x0112: value})[:19],
        }
        for told, block in blocks.items():
            for format in ("PNG", "JPEG", "WEBP"):
                exif = b"Exif\0\0" + block if format == "JPEG" else block
                yield f"{format} turned by {told}", saved(image, format, exif=exif)
        tags = tiff_tags(3, 2) | {0x0112: value}
        yield f"TIFF turned by {name}", tiff(tags, bytes(18))
    nested = tiff({0x8769: longs(8), 0x8825: longs(8), 0xA005: longs(8)})
    for format in ("PNG", "WEBP"):
        yield f"{format} with EXIF data inside themselves", saved(image, format, exif=nested)


# Odd kinds of pixels


def _odd_pngs() -> Iterator[File]:
    body = zlib.compress(bytes(range(200)) * 4)
    palette = png_chunk("PLTE", bytes(range(48)))
    for kind in range(8):
        for depth in (0, 1, 2, 3, 4, 8, 16, 32):
            name = f"png of type {kind} with {depth} bits"
            yield name, png_of(ihdr(9, 7, depth, kind), body, palette)
    header = ihdr(9, 7)
    yield "png interlaced oddly", png_of(ihdr(9, 7, 8, 2, 0, 0, 9), body)
    yield "png compressed oddly", png_of(ihdr(9, 7, 8, 2, 7, 7, 0), body)
    yield "png of no pixels", png_of(ihdr(0, 0), body)
    yield "png without width", png_of(ihdr(0, 9), body)
    yield "png with two headers", png_of(header, body, ihdr(5000, 5000))
    yield "png without data", PNG_MAGIC + header + png_chunk("IEND", b"")
    yield "png with nothing", PNG_MAGIC
    yield "png of its end", PNG_MAGIC + png_chunk("IEND", b"")
    yield "png with data first", PNG_MAGIC + png_chunk("IDAT", body) + header
    yield "png with an empty palette", png_of(ihdr(9, 7, 8, 3), body, png_chunk("PLTE", b""))
    yield "png without a palette", png_of(ihdr(9, 7, 8, 3), body)
    yield "png with wrong filters", png_of(header, zlib.compress(b"\x09" * 400))
    yield "png with a wrong sum", png_of(header, body)[:-20] + bytes(20)
    yield "png with a chunk of 2³¹", PNG_MAGIC + header + struct.pack(">I4s", 2**31, b"IDAT")
    yield "png with a chunk of −1", PNG_MAGIC + header + struct.pack(">I4s", 2**32 - 1, b"tEXt")
    yield "png with a nameless chunk", png_of(header, body, struct.pack(">I", 0) + bytes(8))
    for name, content in {
        "tRNS": b"",
        "gAMA": b"",
        "cHRM": b"\xff",
        "sRGB": b"",
        "pHYs": b"\0",
        "iCCP": b"",
        "eXIf": b"",
        "tEXt": b"",
        "zTXt": b"x",
        "iTXt": b"x\0\1\0",
        "acTL": b"\0",
        "fcTL": b"\0",
        "bKGD": b"",
        "tIME": b"",
        "sPLT": b"",
        "fdAT": b"\0",
    }.items():
        yield f"png with a bad {name}", png_of(header, body, png_chunk(name, content))
    profiles = {"without an end": b"name", "of no method": b"name\0\7abc", "broken": b"name\0\0abc"}
    for name, content in profiles.items():
        yield f"png with a profile {name}", png_of(header, body, png_chunk("iCCP", content))
    good = pictures.rgb_profile()
    image = Image.fromarray(pictures.photo(24, 18))
    for at in (0, 3, 12, 16, 36, 128, 131, 140, 200, len(good) - 1):
        changed = bytearray(good)
        changed[at : at + 4] = b"\xff\xff\xff\xff"
        yield f"png with a profile changed at {at}", saved(image, "PNG", icc_profile=bytes(changed))
        yield (
            f"jpeg with a profile cut at {at}",
            saved(image, "JPEG", icc_profile=good[:at] or b"x"),
        )
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for format in ("PNG", "JPEG", "WEBP", "TIFF"):
        yield f"{format} with Lab's profile", saved(image, format, icc_profile=lab)
        yield (
            f"{format} with a gray profile",
            saved(image, format, icc_profile=pictures.gray_profile(2.2)),
        )


def _odd_tiffs() -> Iterator[File]:
    body = bytes(range(256)) * 8
    for samples in (1, 2, 3, 4, 5, 6, 9):
        for bits in (1, 2, 3, 4, 8, 12, 16, 24, 32, 64):
            yield f"tiff of {samples} × {bits} bits", tiff(tiff_tags(9, 7, samples, bits), body)
    for photometric in range(11):
        tags = tiff_tags(9, 7) | {262: shorts(photometric)}
        yield f"tiff of colours {photometric}", tiff(tags, body)
    for form in range(1, 7):
        for bits in (8, 16, 32, 64):
            tags = tiff_tags(9, 7, 1, bits) | {339: shorts(form)}
            yield f"tiff of {bits} bits, form {form}", tiff(tags, body)
    known = (2, 3, 4, 5, 6, 7, 8, 9, 10, 32_766, 32_771, 32_773, 32_809, 32_908, 32_946, 33_003)
    for compression in (*known, 34_661, 34_676, 34_677, 34_712, 34_887, 34_925, 50_000, 50_001):
        for samples in (1, 3):
            tags = tiff_tags(9, 7, samples) | {259: shorts(compression)}
            yield f"tiff of {samples}, compressed by {compression}", tiff(tags, body)
    changes = {
        "no width": {256: (4, 0, b"")},
        "no pixels": {256: longs(0), 257: longs(0)},
        "a width in words": {256: (2, 4, b"wide")},
        "a broken width": {256: (5, 1, struct.pack("<II", 1, 0))},
        "a negative width": {256: (9, 1, struct.pack("<i", -9))},
        "no strips": {273: (4, 0, b"")},
        "strips outside": {273: longs(2**32 - 1)},
        "strips in a place unknown": {273: (4, 2**31, struct.pack("<I", 2**31))},
        "one row a strip and one strip": {278: longs(1)},
        "no rows": {278: longs(0)},
        "planes apart": {284: shorts(2)},
        "planes unknown": {284: shorts(9)},
        "tiles": {322: longs(16), 323: longs(16), 324: (4, 1, None), 325: longs(768)},
        "tiles without size": {322: longs(0), 323: longs(0), 324: (4, 1, None), 325: longs(9)},
        "giant tiles": {322: longs(2**30), 323: longs(2**30), 324: (4, 1, None), 325: longs(9)},
        "tiles of three": {322: longs(3), 323: longs(3), 324: (4, 1, None), 325: longs(27)},
        "a predictor": {317: shorts(2)},
        "a predictor unknown": {317: shorts(99)},
        "a palette missing": {262: shorts(3)},
        "a palette too short": {262: shorts(3), 320: shorts(1, 2, 3)},
        "bits filled from the right": {266: shorts(2)},
        "extra samples": {338: shorts(1, 2, 0)},
        "coarse colour": {262: shorts(6), 530: shorts(9, 9)},
        "no colour steps": {262: shorts(6), 530: shorts(0, 0)},
        "white of nought": {532: (5, 6, bytes(48))},
        "a raw picture's version": {50_706: (1, 4, bytes([1, 4, 0, 0]))},
        "a profile of nothing": {34_675: (7, 0, b"")},
        "a profile outside": {34_675: (7, 2**31, struct.pack("<I", 2**31))},
        "a subfile": {254: longs(1)},
        "further directories": {330: longs(8, 8, 8)},
        "data of an editor": {34_377: (1, 5, b"8BIM\0"), 37_724: (7, 5, b"Adobe")},
    }  # fmt: skip
    for name, change in changes.items():
        yield f"tiff with {name}", tiff(tiff_tags(9, 7) | change, body)
    yield "tiff in a loop", tiff(tiff_tags(9, 7), body, after=8)
    yield "tiff with a page outside", tiff(tiff_tags(9, 7), body, after=2**31)
    yield "tiff of no entries", tiff({})
    yield "tiff of too many entries", b"II*\0\x08\0\0\0\xff\xff" + bytes(60)
    yield "tiff without a directory", b"II*\0" + bytes(4)
    yield "tiff with its directory outside", b"MM\0*\xff\xff\xff\xff"
    yield "big tiff of nothing", b"II+\0\x08\0\0\0" + b"\xff" * 8
    yield "big tiff of odd offsets", b"MM\0+\0\x09\0\0" + bytes(30)


def _odd_bmps() -> Iterator[File]:
    body = bytes(range(256)) * 4
    for bits in (0, 1, 2, 3, 4, 8, 15, 16, 24, 32, 48, 64, 65_535):
        for compression in (0, 1, 2, 3, 4, 5, 6, 99):
            yield f"bmp of {bits} bits, {compression}", bmp(9, 7, bits, compression, body)
    yield "bmp of no pixels", bmp(0, 0, 24, 0, body)
    rle = b"\0\2\xff\xff" * 50 + b"\xff\7" * 50 + b"\0\0" * 50 + b"\0\1"
    yield "bmp that jumps", bmp(9, 7, 8, 1, rle)
    yield "bmp of nibbles that jumps", bmp(9, 7, 4, 2, rle)
    for size in (0, 12, 16, 40, 52, 56, 64, 108, 124, 200, 2**31 - 1, 2**32 - 1):
        header = b"BM" + struct.pack("<IHHI", 300, 0, 0, 54) + struct.pack("<I", size)
        yield f"bmp with a header of {size}", header + bytes(range(200))
    colours = bytearray(bmp(9, 7, 8, 0, body))
    colours[46:50] = b"\xff\xff\xff\x7f"
    yield "bmp of far too many colours", bytes(colours)
    outside = bytearray(bmp(9, 7, 24, 0, body))
    outside[10:14] = b"\xff\xff\xff\xff"
    yield "bmp with its pixels outside", bytes(outside)


def gif(width: int, height: int, *blocks: bytes, flags: int = 0, end: bytes = b";") -> bytes:
    """A GIF without a palette, from the GIF89a specification."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + b"".join(blocks) + end


def gif_frame(width: int, height: int, x: int = 0, y: int = 0, codes: bytes = GIF_CODES) -> bytes:
    """A frame, of which only the first pixels have codes unless they are given, as blocks."""
    return b"," + struct.pack("<HHHHBB", x, y, width, height, 0, 2) + codes + b"\0"


def _odd_gifs() -> Iterator[File]:
    yield "gif of no frame", gif(9, 7)
    yield "gif of no frame and no end", gif(9, 7, end=b"")
    yield "gif of no pixels", gif(0, 0, gif_frame(0, 0))
    for side in (1, 9, SIDE, 65_535):
        yield f"gif of {side}²", gif(side, side, gif_frame(side, side))
        yield f"gif with a frame of {side}²", gif(9, 7, gif_frame(side, side))
        yield f"gif with a frame at {side}", gif(9, 7, gif_frame(2, 2, side, side))
        yield f"gif of {side}² with a small frame", gif(side, side, gif_frame(2, 2, 1, 1))
    for bits in (0, 1, 8, 12, 13, 255):
        frame = bytearray(gif_frame(9, 7))
        frame[10] = bits
        yield f"gif of {bits} bits", gif(9, 7, bytes(frame))
    control = b"!\xf9\4\1\0\0\xff\0"
    yield "gif transparent in no colour", gif(9, 7, control, gif_frame(9, 7))
    yield "gif whose control is short", gif(9, 7, b"!\xf9\1\1\0", gif_frame(9, 7))
    yield "gif whose palette is short", gif(9, 7, gif_frame(9, 7), flags=0xF7)
    yield "gif with a second frame cut off", gif(9, 7, gif_frame(9, 7), b",\0\0", end=b"")
    yield "gif that goes on for ever", gif(9, 7, gif_frame(9, 7, codes=b"\xff" + bytes(9)))
    for kind in (0, 1, 0xCE, 0xF9, 0xFE, 0xFF):
        extension = bytes([0x21, kind]) + b"\x0bNETSCAPE2.0\3\1\0\0\0"
        yield f"gif with an extension {kind}", gif(9, 7, extension, gif_frame(9, 7))


def _odd_jpegs(good: dict[str, bytes]) -> Iterator[File]:
    data = good["jpeg"]
    frame = data.index(b"\xff\xc0")
    for code in (0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCD, 0xCF, 0xF7):
        yield f"jpeg of frame {code:#x}", data[: frame + 1] + bytes([code]) + data[frame + 2 :]
    for name, at, values in [
        ("precision", 4, (0, 1, 12, 16, 255)),
        ("components", 9, (0, 1, 2, 4, 5, 255)),
        ("sampling", 11, (0, 0x14, 0x41, 0x44, 0x99, 0xFF)),
        ("table", 12, (4, 255)),
        ("height", 6, (0, 1, 255)),
    ]:
        for value in values:
            changed = bytearray(data)
            changed[frame + at] = value
            yield f"jpeg with {name} {value}", bytes(changed)
    for name, marker in {"huffman": b"\xff\xc4", "quantisation": b"\xff\xdb"}.items():
        at = data.index(marker)
        yield f"jpeg without {name}", data[:at] + data[at:].replace(marker, b"\xff\xfe")
        yield f"jpeg with {name} of ones", data[: at + 4] + b"\xff" * 60 + data[at + 64 :]
    scan = data.index(b"\xff\xda")
    yield "jpeg of two scans", data[:-2] + data[scan:]
    yield "jpeg of two frames", data[:scan] + data[frame:]
    yield "jpeg in a jpeg", data[:2] + data
    yield "jpeg without an end, then zeros", data[:-2] + bytes(10_000)
    yield "jpeg of fill bytes", data[:2] + b"\xff" * 10_000 + data[2:]
    yield "jpeg of restarts", data[:scan] + b"\xff\xdd\0\4\0\1" + data[scan:-2] + b"\xff\xd0" * 5000
    yield "jpeg with a segment of no length", data[:2] + b"\xff\xe1\0\0" + data[2:]
    yield "jpeg with a segment of one byte", data[:2] + b"\xff\xe1\0\1" + data[2:]
    yield "jpeg with Adobe's segment cut", data[:2] + b"\xff\xee\0\x07Adobe" + data[2:]
    yield (
        "jpeg with Photoshop's segment cut",
        (
            data[:2]
            + b"\xff\xed\0\x1ePhotoshop 3.0\0"
            + b"8BIM\x03\xed\xff\xff\xff\xff\xff\xff"
            + data[2:]
        ),
    )
    yield "jpeg with an index of pictures", (
        data[:2] + b"\xff\xe2" + struct.pack(">H", 200) + b"MPF\0" + tiff({0xB001: longs(2**31)})
        + bytes(200) + data[2:]
    )  # fmt: skip
    for count in (0, 1, 255):
        piece = b"ICC_PROFILE\0" + bytes([count, 3]) + b"x" * 100
        segment = b"\xff\xe2" + struct.pack(">H", len(piece) + 2) + piece
        yield f"jpeg with piece {count} of a profile", data[:2] + segment * 3 + data[2:]


def _odd_animations(good: dict[str, bytes]) -> Iterator[File]:
    body = zlib.compress(bytes(400))
    for frames in (0, 1, 2, 2**31 - 1, 2**32 - 1):
        control = png_chunk("acTL", struct.pack(">II", frames, 0))
        for x, y in ((0, 0), (2**31 - 1, 0)):
            frame = struct.pack(">IIIIIHHBB", 0, 9, 7, x, y, 1, 1, 2, 1)
            chunks = (control, png_chunk("fcTL", frame))
            yield f"png of {frames} frames at {x}", png_of(ihdr(9, 7), body, *chunks)
    still = good["webp lossless"]
    picture = still[still.index(b"VP8L") :]
    for x, y, w, h in ((0, 0, 24, 18), (2**23, 2**23, 24, 18), (0, 0, 2**24, 2**24), (0, 0, 1, 1)):
        place = b"".join(v.to_bytes(3, "little") for v in (x, y, w - 1, h - 1))
        shown = (b"ANMF", place + bytes(4) + picture)
        control = (b"ANIM", bytes(6))
        for count in (0, 1, 2):
            name = f"webp of {count} frames, {w} × {h} at {x}"
            yield name, riff(vp8x(24, 18, 2), control, *[shown] * count)
    yield "webp that only says it is animated", riff(vp8x(24, 18, 0xFF), (b"VP8L", picture[8:]))
    yield "webp of another size than it says", riff(vp8x(999, 999), (b"VP8L", picture[8:]))
    yield (
        "webp with metadata that is none",
        riff(
            vp8x(24, 18, 0x2C),
            (b"ICCP", b""),
            (b"VP8L", picture[8:]),
            (b"EXIF", b""),
            (b"XMP ", b"\xff"),
        ),
    )
    yield "webp of nothing", riff()
    yield "webp of 2³² − 1", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff"
    pages = [Image.new("L", (3, 3), page) for page in range(50)]
    yield "tiff of 50 pages", saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])


# No pictures, and more than pictures


def _no_pictures() -> Iterator[File]:
    image = Image.fromarray(pictures.photo(24, 18))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("photo.png", b"no picture")
    texts = {
        "empty": b"",
        "one byte": b"\0",
        "zeros": bytes(1000),
        "ones": b"\xff" * 1000,
        "a line end": b"\n",
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "mvg": b"push graphic-context\nfill 'url(https://example.com/x.jpg\"|ls \"-la)'\n",
        "python": b"import os; os.system('true')",
        "pickle": b"cos\nsystem\n(S'true'\ntR.",
        "shell": b"#!/bin/sh\nexit 1\n",
        "a font": b"\0\1\0\0\0\x0f\0\x80\0\3\0\x70DSIG" + bytes(200),
        "a font of the web": b"wOF2\0\1\0\0" + bytes(200),
        "a collection of fonts": b"ttcf\0\1\0\0" + bytes(200),
        "a bitmap font": b"STARTFONT 2.1\nSIZE 16 75 75\nFONTBOUNDINGBOX 16 16 0 -2\n",
        "an elf": b"\x7fELF\2\1\1" + bytes(200),
        "a program of Windows": b"MZ" + bytes(200),
        "a film": b"\0\0\0\x18ftypmp42" + bytes(200),
        "a sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(200),
        "gzip": b"\x1f\x8b\x08" + bytes(200),
        "zip": archive.getvalue(),
        "a device's name": b"/dev/zero",
        "a path": b"../../../../etc/passwd",
        "another device's name": b"CON.png",
        "utf-16": "ÿÿ picture".encode("utf-16"),
        "avif": b"\0\0\0\x1cftypavif" + bytes(200),
        "heic": b"\0\0\0\x1cftypheic" + bytes(200),
        "jpeg xl": b"\xff\x0a" + bytes(200),
        "hdr": b"#?RADIANCE\n\n-Y 9 +X 9\n",
        "xpm": b'/* XPM */ static char *x[] = {"9 9 1 1",',
        "fits": b"SIMPLE  =                    T".ljust(80) + bytes(200),
    }  # fmt: skip
    yield from texts.items()
    for format in ("ICO", "PPM", "TGA", "PCX", "SGI", "JPEG2000", "DDS", "ICNS", "EPS"):
        yield format.lower(), saved(image, format)
    for depth in (b"1", b"3", b"6", b"7", b"f"):
        yield f"pnm {depth!r}", b"P" + depth + b"\n99999 99999\n255\n"


def _odd_heics() -> Iterator[File]:
    turned = heic.FILES["turned"]
    # which ended the whole process in pi-heif 1.4.0
    yield "heic with data of no kind", turned.replace(b"Exif", b"\xffxif", 1)
    # which had it write beyond the pixels: a header of 10 bits before pixels of 8, and a false crop
    deep = heic.FILES["gray"].replace(b"\xfc\xfc\xf8", b"\xfc\xfc\xfa")
    yield "heic of a false depth", deep.replace(b"\2\xff\xff\xff\xe0", b"\2\xff\xfe\xff\xe0")
    yield "heic without its table", turned.replace(b"meta", b"metA", 1)
    yield "heic of 200,000 tables", turned[:28] + b"\0\0\0\x08meta" * 200_000 + turned[28:]
    pixels = turned.index(b"ispe") + 8
    for side in (0, 1, 33, 100_000, 2**32 - 1):
        huge = turned[:pixels] + struct.pack(">I", side) + turned[pixels + 4 :]
        yield f"heic {side} wide", huge


def _polyglots(good: dict[str, bytes]) -> Iterator[File]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.html", b"<script>alert(1)</script>")
    tails = {
        "zip": archive.getvalue(),
        "html": b"<html><script>alert(1)</script></html>",
        "program": b"\x7fELF" + bytes(100),
        "zeros": bytes(100_000),
        "php": b"<?php system($_GET[0]); ?>",
    }
    for name in ("png", "jpeg", "webp", "gif", "bmp", "tiff", "png animated", "jpeg several"):
        for tail, content in tails.items():
            yield f"{name} and {tail}", good[name] + content
    yield "gif and jpeg", b"GIF89a/*" + good["jpeg"]
    yield "pdf and jpeg", b"%PDF-1.4\nstream\n" + good["jpeg"]
    script = b"\xff\xd8\xff\xfe\0\x30*/=alert(1)/*" + bytes(33) + good["jpeg"][2:]
    yield "jpeg and script", script
    yield "bmp and script", b"BM/*" + good["bmp"][4:] + b"*/=1;alert(1)"
    text = png_chunk("tEXt", b"Comment\0<script>alert(1)</script>")
    yield "png with html", good["png"][:33] + text + good["png"][33:]


# Bombs


def zeros(nbytes: int) -> bytes:
    """`nbytes` zeros, deflated: one piece of them again and again, and the sum that fits."""
    size = 100_000
    deflate = zlib.compressobj(9)
    first = deflate.compress(bytes(size)) + deflate.flush(zlib.Z_FULL_FLUSH)
    again = deflate.compress(bytes(size)) + deflate.flush(zlib.Z_FULL_FLUSH)
    end = deflate.compress(bytes(nbytes % size)) + deflate.flush()
    checksum = struct.pack(">HH", nbytes % 65_521, 1)
    return first + again * (nbytes // size - 1) + end[:-4] + checksum


def _png_bombs() -> Iterator[File]:
    giga = zeros(1_000_000_000)
    for depth, kind, name in (
        (8, 2, "rgb"),
        (8, 6, "rgba"),
        (16, 6, "rgba of 16 bits"),
        (1, 0, "bit"),
    ):
        channels = {2: 3, 6: 4, 0: 1}[kind]
        rows = zeros((SIDE * channels * depth // 8 + 8) * SIDE)
        yield f"png bomb, {name}", png_of(ihdr(SIDE, SIDE, depth, kind), rows)
        yield f"png bomb, {name}, interlaced", png_of(ihdr(SIDE, SIDE, depth, kind, 0, 0, 1), rows)
        yield f"png bomb, {name}, too large", png_of(ihdr(30_000, 30_000, depth, kind), rows)
    yield "png with a gigabyte behind its rows", png_of(ihdr(9, 7), giga)
    text = {"zTXt": b"Comment\0\0", "iTXt": b"Comment\0\1\0\0\0", "iCCP": b"name\0\0"}
    for chunk, head in text.items():
        bomb = png_chunk(chunk, head + giga)
        yield f"png with a gigabyte in {chunk}", png_of(ihdr(9, 7), zlib.compress(bytes(400)), bomb)
        name = f"png with a gigabyte in {chunk} behind its pixels"
        yield (
            name,
            png_of(ihdr(9, 7), zlib.compress(bytes(400)))[:-12] + bomb + png_chunk("IEND", b""),
        )
    mega = png_chunk("zTXt", b"Comment\0\0" + zeros(1_000_000))
    yield (
        "png with 1,000 megabytes in 1,000 chunks",
        png_of(ihdr(9, 7), zlib.compress(bytes(400)), mega * 1000),
    )


def _tiff_bombs() -> Iterator[File]:
    rows = zeros(SIDE * SIDE * 3)
    deflated = {259: shorts(8)}
    tags = tiff_tags(SIDE, SIDE, nbytes=len(rows)) | deflated
    yield "tiff bomb", tiff(tags, rows)
    wide = tiff_tags(30_000, 30_000, nbytes=len(rows)) | deflated
    yield "tiff bomb, too large", tiff(wide, rows)
    small = tiff_tags(9, 7, nbytes=len(rows)) | deflated
    yield "tiff with 50 megabytes behind its rows", tiff(small, rows)
    tiled = {322: longs(2**15), 323: longs(2**15), 324: (4, 1, None), 325: longs(len(rows))}
    for compression in (1, 5, 7, 8, 32_773, 50_000):
        tags = tiff_tags(9, 7) | tiled | {259: shorts(compression)}
        yield f"tiff in one tile of a gigapixel, {compression}", tiff(tags, rows)
        slim = {322: longs(2**20), 323: longs(16)}
        yield f"tiff in one tile of a million, {compression}", tiff(tags | slim, rows)
    strips = tiff_tags(SIDE, SIDE, nbytes=len(rows)) | deflated | {278: longs(1)}
    count = SIDE
    strips |= {273: longs(*[200_000] * count), 279: longs(*[50_000] * count)}
    yield "tiff of one row again and again", tiff(strips, bytes(300_000) + rows)
    gray16 = tiff_tags(SIDE, SIDE, 1, 16, nbytes=100) | {259: shorts(5)}
    yield "tiff of 16 bits and nothing", tiff(gray16, bytes(100))
    fax = tiff_tags(16_384, 1000, 1, 1, nbytes=1_000_000) | {259: shorts(4)}
    yield "tiff of a million fax bytes", tiff(fax, b"\x55" * 1_000_000)
    for kind, count in ((1, 16_000_000), (3, 14_000_000), (1, 60_000)):
        pixelwise = tiff_tags(4000, count // 4000, 1) | {322: longs(1), 323: longs(1)}
        for strips in (273, 278, 279):
            del pixelwise[strips]
        pixelwise |= {324: (kind, count, bytes(kind // 3 * count + count)), 325: longs(1)}
        name = f"tiff of {count} tiles of a pixel, places of type {kind}"
        yield name, tiff(pixelwise, bytes(9))
    count = 7_000_000
    strips = tiff_tags(400, 400, 1) | {278: longs(1), 273: longs(*[8] * count), 279: longs(400)}
    yield "tiff of 7,000,000 strips", tiff(strips)
    yield "tiff of 7,000,000 strips, deflated", tiff(strips | deflated)
    for method in ("zstd", "lzma", "tiff_lzw", "packbits", "group4"):
        mode = "1" if method == "group4" else "RGB"
        image = Image.new(mode, (SIDE, SIDE))
        yield f"tiff bomb, {method}", saved(image, "TIFF", compression=method)
    thumbnails = b"".join(
        struct.pack("<H", 1)
        + struct.pack("<HHII", 254, 4, 1, 1)
        + struct.pack("<I", 8 + 18 * (at + 1))
        for at in range(500_000)
    )
    yield "tiff of half a million directories", b"II*\0\x08\0\0\0" + thumbnails
    count = 1_400_000
    entry = struct.pack("<HHQQ", 65_000, 4, 1, 8)
    big = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, count)
    yield "big tiff of 1,400,000 entries", big + entry * count + bytes(8)
    different = b"".join(struct.pack("<HHQQ", at % 65_536, 4, 1, 8) for at in range(count))
    yield "big tiff of 1,400,000 entries, all different", big + different + bytes(8)
    entries = struct.pack("<HHII", 65_000, 2, 2**20, 8) * 65_000
    yield (
        "tiff of 65,000 long texts",
        b"II*\0\x08\0\0\0" + struct.pack("<H", 65_000) + entries + bytes(2**20),
    )


def _gif_bombs() -> Iterator[File]:
    frame = gif_frame(9, 7)
    pieces = {
        "nothing": b"\1",
        "comments": b"!\xfe\1a\0",
        "controls": b"!\xf9\4\1\0\0\0\0",
        "applications": b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0",
    }
    for name, piece in pieces.items():
        yield f"gif of {name}", gif(9, 7, piece * (29_900_000 // len(piece)), frame)
    for size in (1, 255):
        blocks = (bytes([size]) + b"a" * size) * (29_900_000 // (size + 1))
        yield f"gif of a comment in blocks of {size}", gif(9, 7, b"!\xfe" + blocks + b"\0", frame)
        yield (
            f"gif of codes in blocks of {size}",
            gif(SIDE, SIDE, gif_frame(SIDE, SIDE, 0, 0, blocks)),
        )
    clears = (b"\xff" + b"\x24\x49\x92" * 85) * 116_000  # nothing but the code that clears
    yield "gif of cleared tables", gif(SIDE, SIDE, gif_frame(SIDE, SIDE, 0, 0, clears))


def _bmp_bombs() -> Iterator[File]:
    for bits in (4, 8):
        pieces = {
            "runs of one": b"\1\7",
            "runs too long": b"\xff\7",
            "ends of lines": b"\0\0",
            "pixels and ends of lines": b"\1\7\0\0",
            "jumps": b"\0\2\1\0",
            "jumps of nothing": b"\0\2\0\0",
            "pixels one by one": b"\0\xfe" + bytes(254 * bits // 8 + 1),
        }
        for name, piece in pieces.items():
            for side, nbytes in ((SIDE, 29_900_000), (2000, 2_900_000)):
                body = piece * (nbytes // len(piece))
                yield f"bmp of {side}², {bits} bits, {name}", packed_bmp(side, side, bits, body)
        lines = b"\1\7\0\0" * 2000
        yield f"bmp of {bits} bits, almost empty", packed_bmp(2000, 2000, bits, lines)


def _webp_bombs() -> Iterator[File]:
    for mode in ("RGB", "RGBA"):
        image = Image.new(mode, (SIDE, SIDE))
        yield f"webp bomb, {mode}", saved(image, "WEBP", lossless=True, quality=0, method=0)
        yield f"webp bomb, lossy, {mode}", saved(image, "WEBP", quality=1, method=0)
    yield "webp of 65,536 groups of codes", webp_of_many_codes(SIDE, 65_536)
    image = Image.new("RGB", (16_383, 2000))
    yield "webp bomb, too large", saved(image, "WEBP", lossless=True, quality=0, method=0)
    bomb = saved(Image.new("RGB", (SIDE, SIDE)), "WEBP", lossless=True, quality=0, method=0)
    frame = bytes(6) + ((SIDE - 1).to_bytes(3, "little") * 2) + bytes(4) + bomb[12:]
    frames = [(b"ANMF", frame)] * 500
    yield "webp of 500 large frames", riff(vp8x(SIDE, SIDE, 2), (b"ANIM", bytes(6)), *frames)
    little = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)
    tiny = (b"ANMF", bytes(16) + little[12:])
    yield (
        "webp of 300,000 frames",
        riff(vp8x(SIDE, SIDE, 2), (b"ANIM", bytes(6)), *[tiny] * 300_000),
    )
    yield "webp of a million chunks", riff(vp8x(9, 7), *[(b"junk", b"")] * 1_000_000)


def _jpeg_bombs() -> Iterator[File]:
    image = Image.new("RGB", (SIDE, SIDE))
    data = saved(image, "JPEG", progressive=True)
    first, scan = data.index(b"\xff\xda"), data.rindex(b"\xff\xda")
    second = data.index(b"\xff\xda", first + 2)
    yield "jpeg of 49 first passes", data[:first] + data[first:second] * 49 + data[-2:]
    yield "jpeg of 100 first passes", data[:first] + data[first:second] * 100 + data[-2:]
    for times in (80, 1000, 200_000):
        yield f"jpeg of {times} passes", data[:-2] + data[scan:-2] * times + data[-2:]
    yield "jpeg bomb, cmyk", saved(Image.new("CMYK", (SIDE, SIDE)), "JPEG")
    yield (
        "jpeg bomb, cmyk with a profile",
        saved(Image.new("CMYK", (SIDE, SIDE)), "JPEG", icc_profile=pictures.cmyk_profile()),
    )
    large = saved(Image.new("L", (65_500, 300)), "JPEG")
    yield "jpeg bomb, too wide", large
    plain = saved(image, "JPEG")
    yield "jpeg of a million restarts", plain[:-2] + b"\xff\xd0" * 1_000_000 + plain[-2:]
    large = 29_000_000
    for fill in (b"\xff", b"\0", b"\xff\0", b"\xff\xd0", b"\xff\x01", b"\xff\xfe\0\2"):
        filling = fill * (large // len(fill))
        yield f"jpeg with {fill!r} again and again first", plain[:2] + filling + plain[2:]
        yield f"jpeg with {fill!r} again and again last", plain[:-2] + filling + plain[-2:]
        yield f"jpeg with {fill!r} again and again, and zero", plain[:-2] + filling + b"\0"


def _oversized_metadata() -> Iterator[File]:
    image = Image.fromarray(pictures.photo(24, 18))
    png, jpeg = saved(image, "PNG"), saved(image, "JPEG")
    body = zlib.compress(bytes(400))
    noise = np.random.default_rng(0).bytes(20_000_000)
    yield (
        "png with 20 MB of text",
        png_of(ihdr(9, 7), body, png_chunk("tEXt", b"Comment\0" + noise)),
    )
    yield (
        "png with 20 MB of EXIF data",
        png_of(ihdr(9, 7), body, png_chunk("eXIf", b"II*\0" + noise)),
    )
    yield "png with 20 MB of a private chunk", png_of(ihdr(9, 7), body, png_chunk("prVt", noise))
    profile = zlib.compress(noise[:5_000_000], 0)
    yield (
        "png with a profile of 5 MB",
        png_of(ihdr(9, 7), body, png_chunk("iCCP", b"name\0\0" + profile)),
    )
    pieces = {"texts": ("tEXt", b"C\0no"), "pieces": ("IDAT", b""), "private chunks": ("prVt", b"")}
    for name, piece in pieces.items():
        chunk = png_chunk(*piece)
        for count in (49_000, 29_000_000 // len(chunk)):
            yield f"png with {count} {name}", png_of(ihdr(9, 7), body, chunk * count)
            yield f"png with {count} {name} last", png[:-12] + chunk * count + png[-12:]
    part = b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0\1\xff" + noise[:65_519]
    yield "jpeg with 255 pieces of a profile", jpeg[:2] + part * 255 + jpeg[2:]
    segment = b"\xff\xe1\xff\xffExif\0\0II*\0\x08\0\0\0" + noise[: 65_533 - 14]
    yield "jpeg with 400 times EXIF data", jpeg[:2] + segment * 400 + jpeg[2:]
    resources = b"Photoshop 3.0\0" + b"8BIM\0\1\0\0\0\0\0\0" * 5450
    segment = b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources
    yield "jpeg with 2.4 million of Photoshop's resources", jpeg[:2] + segment * 440 + jpeg[2:]
    tables = b"\xff\xdb" + struct.pack(">H", 65_002) + (b"\0" + b"\1" * 64) * 1000
    yield "jpeg of 440,000 quantisation tables", jpeg[:2] + tables * 440 + jpeg[2:]
    comment = b"\xff\xfe\xff\xff" + noise[:65_533]
    yield "jpeg with 25 MB of comments", jpeg[:2] + comment * 380 + jpeg[2:]
    deep = tiff({tag: (2, 1000, bytes(1000)) for tag in range(40_000, 60_000)})
    yield "png with 20,000 EXIF entries", saved(image, "PNG", exif=deep)
    yield (
        "webp with 20 MB of XMP",
        riff(vp8x(24, 18, 4), *_chunks(saved(image, "WEBP")), (b"XMP ", noise)),
    )
    yield "webp with 20 MB of EXIF data", saved(image, "WEBP", exif=b"II*\0" + noise)
    yield "webp with a profile of 20 MB", saved(image, "WEBP", icc_profile=noise)
    tags = tiff_tags(9, 7) | {34_675: (7, len(noise), noise)}
    yield "tiff with a profile of 20 MB", tiff(tags, bytes(300))
    tags = tiff_tags(9, 7) | {270: (2, len(noise), noise)}
    yield "tiff with 20 MB of text", tiff(tags, bytes(300))
    tables = pictures.cmyk_profile()
    cmyk = Image.fromarray(pictures.photo(24, 18)).convert("CMYK")
    yield (
        "jpeg with a profile of zeros",
        saved(cmyk, "JPEG", icc_profile=tables[:128] + bytes(3_900_000)),
    )
    many = tables[:128] + struct.pack(">I", 2**31) + tables[132:] * 1000
    yield "jpeg with a profile of 2³¹ tags", saved(cmyk, "JPEG", icc_profile=many[:3_900_000])
    entries = struct.pack("<HHQQ", 274, 4, 1, 8) * 1_400_000
    exif = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1_400_000) + entries
    yield "png with 1,400,000 EXIF entries", saved(image, "PNG", exif=exif)
    cuts = range(0, len(exif), 65_000)
    parts = [b"Exif\0\0" + exif[at : at + 65_000] for at in cuts]
    segments = [b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts]
    yield "jpeg with 1,400,000 EXIF entries", jpeg[:2] + b"".join(segments) + jpeg[2:]
    steps = pictures.rgb_profile_of_many_steps(200_000)
    yield "webp with a profile of 200,000 steps", saved(image, "WEBP", icc_profile=steps)
    yield "more than 30 MB", jpeg + bytes(30_000_001)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        length = struct.unpack_from("<I", data, at + 4)[0]
        if data[at : at + 4] != b"VP8X":
            yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _thin() -> Iterator[File]:
    for size in ((1, 1), (1, 65_500), (65_500, 1), (1, 16_384), (16_384, 1), (2, 16_383)):
        image = Image.new("RGB", size)
        for format in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "AVIF"):
            if format != "WEBP" or max(size) < 16_384:
                yield f"{format} of {size[0]} × {size[1]}", saved(image, format)
    yield "PNG of 1 × 65535", saved(Image.new("L", (1, 65_535)), "PNG")
    yield "PNG of 65535 × 1", saved(Image.new("1", (65_535, 1)), "PNG")
