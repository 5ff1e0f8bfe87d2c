"""An ICC profile for colours that a file tells by numbers: three primaries, a white, a curve."""

import struct

import numpy as np

Point = tuple[float, float]  # CIE 1931 x and y
Primaries = tuple[Point, Point, Point]  # red, green, blue

D65 = (0.3127, 0.3290)
BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))  # sRGB's, too
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))  # SMPTE EG 432-1
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))  # Adobe RGB (1998), 4.3.1

_D50 = np.array([0.9642, 1.0, 0.8249])  # ICC.1:2022, section 7.2.16
_BRADFORD = np.array(  # ICC.1:2022, annex E
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1


def of_gamma(gamma: float) -> bytes:
    """The curve of values that are light to the power of 1 / `gamma` (ICC.1:2022, 10.6)."""
    return b"curv" + struct.pack(">4xIH2x", 1, round(gamma * 256))


def of_table(light: np.ndarray) -> bytes:
    """The curve that runs through these values of light, from 0 to 1, at even distances."""
    levels = np.rint(np.clip(light, 0, 1) * 65_535).astype(">u2")
    return b"curv" + struct.pack(">4xI", len(levels)) + levels.tobytes()


SRGB_CURVE = b"para" + struct.pack(">4xHH5i", 3, 0, *(round(it * 65_536) for it in _SRGB))


def matrix_profile(primaries: Primaries, white: Point, curve: bytes) -> bytes | None:
    """A display's profile of RGB (ICC.1:2022, 8.3.3); None for primaries that make no sense."""
    try:
        columns = _to_d50(white) @ _to_xyz(primaries, white)
        tags = {name: _xyz(*column) for name, column in zip(_COLUMNS, columns.T, strict=True)}
    except (ArithmeticError, np.linalg.LinAlgError, RuntimeWarning, ValueError, struct.error):
        return None
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve) | {b"wtpt": _xyz(*_D50)}
    tags |= dict.fromkeys((b"desc", b"cprt"), _text("as the file says"))
    head = struct.pack(">4xI", 0) + b"\x04\x40\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += _xyz(*_D50)[8:] + bytes(48)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        place = len(head) + 4 + 12 * len(tags) + len(body)
        table += name + struct.pack(">II", place, len(content))
        body += content + bytes(-len(content) % 4)
    profile = head + table + body
    return struct.pack(">I", len(profile)) + profile[4:]


_COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")


def _to_xyz(primaries: Primaries, white: Point) -> np.ndarray:
    columns = np.array([_light(*point) for point in primaries]).T
    return columns * np.linalg.solve(columns, _light(*white))


def _to_d50(white: Point) -> np.ndarray:
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ _light(*white))
    return np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD


def _light(x: float, y: float) -> np.ndarray:
    return np.array([x / y, 1, (1 - x - y) / y])


def _xyz(*values: float) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *(round(float(it) * 65_536) for it in values))


def _text(text: str) -> bytes:
    content = text.encode("utf-16be")
    return b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enUS", len(content), 28) + content
