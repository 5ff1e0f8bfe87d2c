"""What is asked of a JPEG before it is decoded."""

import re

# In entropy-coded data 0xff is followed by 0 or by a restart marker; anything else is a marker.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = (0x01, 0xD8)


def count_scans(data: bytes) -> int:
    """The number of passes over the picture in the JPEG's first image (ITU-T T.81, annex B)."""
    scans = 0
    position = 0
    while marker := _MARKER.search(data, position):
        code = marker[1][0]
        position = marker.end()
        if code == _END_OF_IMAGE:
            break
        scans += code == _START_OF_SCAN
        if code not in _WITHOUT_LENGTH:
            position += int.from_bytes(data[position : position + 2], "big")
    return scans
