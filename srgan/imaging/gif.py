"""What is asked of a GIF before it is decoded."""

from collections.abc import Iterator
from itertools import islice

_HEADER = 13  # bytes: GIF89a specification, sections 17 and 18
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_TABLE_FOLLOWS, _TABLE_SIZE = 0x80, 0b111

# Pillow takes up to 0.7 µs for each block. Writers fill them, with 255 bytes: 30 MB are 118,000.
_MOST_BLOCKS = 500_000


def check_blocks(data: bytes) -> None:
    """Raises ValueError for far more blocks than any program writes, up to the second frame.

    What is incomplete is left to the decoder.
    """
    if sum(1 for _ in islice(_blocks(data), _MOST_BLOCKS + 1)) > _MOST_BLOCKS:
        raise ValueError("too many blocks")


def _blocks(data: bytes) -> Iterator[int]:
    """Where each block begins, and each byte that is in none and is skipped."""
    frames = 0
    try:
        at = _HEADER + _table(data[10])
        while frames < 2 and (kind := data[at]) != _TRAILER:
            yield at
            at += 1
            if kind == _IMAGE:
                frames += 1
                at += 9 + _table(data[at + 8]) + 1  # with the number of bits of its codes
            elif kind == _EXTENSION:
                at += 1
            else:
                continue
            while data[at]:
                yield at
                at += 1 + data[at]
            at += 1
    except IndexError:
        return


def _table(flags: int) -> int:
    """The bytes of a table of colours that may follow."""
    return 3 << (flags & _TABLE_SIZE) + 1 if flags & _TABLE_FOLLOWS else 0
