"""Colour as files tell it by code points (ITU-T H.273), high dynamic range included."""

import numpy as np

from srgan.imaging.matrix_profile import (
    BT709,
    BT2020,
    D65,
    DISPLAY_P3,
    SRGB_CURVE,
    matrix_profile,
    of_gamma,
    of_table,
)

_PRIMARIES = {1: BT709, 9: BT2020, 12: DISPLAY_P3}  # table 2
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}  # table 3; those of video are shown as sRGB, as browsers do
_PQ, _HLG = 16, 18

_VALUES = np.linspace(0, 1, 4096)
_WHITE = 203  # cd/m² of a white page in high dynamic range (ITU-R BT.2408, table 1)
_HLG_PEAK, _HLG_GAMMA = 1000, 1.2  # of the display it is made for (ITU-R BT.2100, table 5)
_KNEE = 0.7  # of white: what is brighter is pressed together


def profile_of_codes(primaries: int, transfer: int) -> bytes | None:
    """A profile for pictures of these codes; None where they are sRGB's, or say nothing.

    What is brighter than paper in high dynamic range is pressed into what sRGB has above its
    bright grays.
    """
    points = _PRIMARIES.get(primaries)
    if transfer == _PQ:
        return matrix_profile(points or BT2020, D65, of_table(_pressed(_pq(_VALUES))))
    if transfer == _HLG:
        return matrix_profile(points or BT2020, D65, of_table(_pressed(_hlg(_VALUES))))
    if transfer in _GAMMAS:
        return matrix_profile(points or BT709, D65, of_gamma(_GAMMAS[transfer]))
    if points is None or points is BT709:
        return None
    return matrix_profile(points, D65, SRGB_CURVE)


def _pressed(luminance: np.ndarray) -> np.ndarray:
    """cd/m² to light from 0 to 1."""
    light = luminance / _WHITE
    room = 1 - _KNEE
    return np.where(light < _KNEE, light, 1 - room * np.exp(-(light - _KNEE) / room))


def _pq(values: np.ndarray) -> np.ndarray:
    """cd/m² (ITU-R BT.2100, table 4)."""
    powers = values ** (32 / 2523)
    light = np.maximum(powers - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * powers)
    return 10_000 * light ** (8192 / 1305)


def _hlg(values: np.ndarray) -> np.ndarray:
    """cd/m² (ITU-R BT.2100, table 5), each colour by itself."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    return _HLG_PEAK * scene**_HLG_GAMMA
