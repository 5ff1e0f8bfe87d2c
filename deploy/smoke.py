"""Ask a running server for what its visitors need: `python3 smoke.py http://HOST:PORT`.

It waits for the networks, opens the page, and sends a small picture through the API at 4x, whose
result must be as large and have the colours it should. Needs nothing but Python 3.10 or later.
The exit code is 0 if all of it worked; otherwise 1, after a sentence that says what did not.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import time
import urllib.error
import urllib.request
import zlib

SIZE = (32, 24)
SCALE = 4
TOLERANCE = 6.0  # of 255, in the mean of a quarter; networks bend edges, not whole areas
SIGNATURE = b"\x89PNG\r\n\x1a\n"

Rows = list[bytes]


class Failed(Exception):
    """A sentence that says what the server did not do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--wait", type=float, default=60, help="seconds until it must be ready")
    args = parser.parse_args()
    address = args.address.rstrip("/")
    try:
        seconds = wait_until_ready(address, args.wait)
        page = read(address + "/")
        if b"<html" not in page.lower():
            raise Failed("The page is not HTML.")
        check_upscale(address)
    except Failed as problem:
        print(f"Smoke test of {address}: {problem}", file=sys.stderr)
        return 1
    print(f"Smoke test of {address}: ready after {seconds:.1f} s, page and 4x picture are right.")
    return 0


def wait_until_ready(address: str, seconds: float) -> float:
    """Ask /v1/health until it says "ready"; returns the seconds that took. Raises Failed."""
    start = time.monotonic()
    while True:
        try:
            answer = json.loads(read(f"{address}/v1/health", timeout=5))
            if answer.get("status") == "ready":
                return time.monotonic() - start
            problem = f"its health is {answer!r}"
        except (Failed, ValueError) as error:
            problem = str(error)
        if time.monotonic() - start > seconds:
            raise Failed(f"It was not ready within {seconds:g} s: {problem}")
        time.sleep(0.1)


def check_upscale(address: str) -> None:
    """Raises Failed unless a picture of four colours comes back 4x, each colour in its quarter."""
    sent = quarters(*SIZE)
    url = f"{address}/v1/upscale?scale={SCALE}&format=png"
    result = read(url, png(sent), timeout=120)
    rows = rows_of(result)
    size = (len(rows[0]) // 3, len(rows))
    if size != (SIZE[0] * SCALE, SIZE[1] * SCALE):
        raise Failed(f"A picture of {SIZE} pixels became one of {size}, which is not {SCALE}x.")
    for quarter, (expected, found) in enumerate(zip(means(sent), means(rows), strict=True)):
        if max(abs(a - b) for a, b in zip(expected, found, strict=True)) > TOLERANCE:
            raise Failed(f"Quarter {quarter} has the colour {found} instead of {expected}.")


def read(url: str, body: bytes | None = None, timeout: float = 30) -> bytes:
    """What a GET of `url`, or a POST of `body` to it, answers. Raises Failed."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=timeout) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        raise Failed(f"{url} answers {error.code}: {error.read(500)!r}") from error
    except OSError as error:
        raise Failed(f"{url} does not answer ({error}).") from error


def quarters(width: int, height: int) -> Rows:
    """A picture of four plain colours as RGB rows."""
    top = bytes((200, 60, 60)) * (width // 2) + bytes((60, 180, 60)) * (width // 2)
    bottom = bytes((60, 80, 200)) * (width // 2) + bytes((220, 220, 200)) * (width // 2)
    return [top] * (height // 2) + [bottom] * (height // 2)


def means(rows: Rows) -> list[tuple[float, ...]]:
    """The mean colour within each quarter, away from the edges between them."""
    width, height = len(rows[0]) // 3, len(rows)
    found = []
    for top in (0, height // 2):
        for left in (0, width // 2):
            inner = b"".join(
                row[3 * (left + width // 8) : 3 * (left + 3 * width // 8)]
                for row in rows[top + height // 8 : top + 3 * height // 8]
            )
            found.append(tuple(sum(inner[c::3]) / (len(inner) // 3) for c in range(3)))
    return found


def png(rows: Rows) -> bytes:
    """RGB rows as a PNG."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def rows_of(file: bytes) -> Rows:
    """The RGB rows of a PNG of 8 bits that is not interlaced. Raises Failed for anything else."""
    try:
        width, height, kind, data = _chunks(file)
        if kind != (8, 2, 0, 0, 0):
            raise Failed(f"The result is a PNG of the kind {kind}, not 8-bit RGB.")
        return _unfiltered(zlib.decompress(data), width * 3, height)
    except (struct.error, zlib.error, IndexError) as error:
        raise Failed(f"The result is a broken PNG ({error}).") from error


def _chunks(file: bytes) -> tuple[int, int, tuple[int, ...], bytes]:
    if not file.startswith(SIGNATURE):
        raise Failed(f"The result is not a PNG but begins with {file[:16]!r}.")
    width, height, *kind = struct.unpack_from(">IIBBBBB", file, 16)
    data, at = b"", 8
    while at < len(file):
        length, name = struct.unpack_from(">I4s", file, at)
        if name == b"IDAT":
            data += file[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, tuple(kind), data


def _unfiltered(data: bytes, stride: int, height: int) -> Rows:
    """Undo PNG's filters: none, left, up, their mean, and Paeth's."""
    rows: Rows = []
    above = bytes(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        filter_type, row = data[start], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, corner = (row[i - 3], above[i - 3]) if i >= 3 else (0, 0)
            up = above[i]
            guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[filter_type]
            row[i] = (row[i] + guess) & 255
        above = bytes(row)
        rows.append(above)
    return rows


def _paeth(left: int, up: int, corner: int) -> int:
    """Of the three, the one nearest to left + up - corner; of equals the first."""
    return min((left, up, corner), key=lambda value: abs(left + up - corner - value))


if __name__ == "__main__":
    sys.exit(main())
