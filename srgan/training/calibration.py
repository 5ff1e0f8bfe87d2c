"""The 8-bit form of a trained network: what its maps are rounded to."""

import sys
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from srgan.networks import BUILDERS, INT8
from srgan.networks.int8 import Int8
from srgan.training.data import SCALE, find_pictures, read_pair

# By architecture, of the range that was seen: what lies beyond is cut off, and the rest is told
# apart more finely. With all of it `faithful-fast` lost 0.006 dB on 37 validation photographs and
# 0.03 dB on 32 drawn patches of words, with 0.8 of it 0.004 and 0.07, with 0.6 0.008 and 0.29.
# `autoencoder` is as good with 0.5 as with 1, and leaves smaller seams with less.
SHARES = {"compact": 0.8, "autoencoder": 0.6}
PICTURES, SIDE = 64, 192  # which show most of what there is, and HR pixels of each


def calibrate(
    model: keras.Model, trained: keras.Model, pictures: Sequence[np.ndarray], share: float
) -> None:
    """Give `model` the weights of `trained`, and each `Int8` of it a range.

    `trained` is the same network without `Int8`, its other layers called the same; the range is
    `share` of what it has there for `pictures`, each (H, W, 3), pixel values.
    """
    _hand_on(trained, model)
    rounding = [layer for layer in model.layers if isinstance(layer, Int8)]
    # what each of them rounds is made by a layer that both networks have
    sources = [layer.input._keras_history.operation.name for layer in rounding]
    shown = keras.Model(trained.input, [trained.get_layer(name).output for name in sources])
    ends = []
    for picture in pictures:
        maps = [keras.ops.convert_to_numpy(it) for it in shown(picture[np.newaxis].astype("f4"))]
        ends.append([(it.min(), it.max()) for it in maps])
    for layer, seen in zip(rounding, np.swapaxes(ends, 0, 1), strict=True):
        layer.high.assign(share * seen[:, 1].max())
        if not layer.positive:
            layer.low.assign(share * seen[:, 0].min())


def in_int8(architecture: str, trained: keras.Model, folder: Path) -> keras.Model:
    """The 8-bit form of `trained`, with the ranges that it has on the pictures in `folder`.

    Raises `FileNotFoundError` if there are none that can be read.
    """
    model = BUILDERS[architecture + INT8]()
    calibrate(model, trained, shown_to(architecture, folder), SHARES[architecture])
    return model


def in_floats(architecture: str, rounded: keras.Model) -> keras.Model:
    """The network of which `rounded` is the 8-bit form."""
    model = BUILDERS[architecture]()
    _hand_on(rounded, model)
    return model


def _hand_on(giver: keras.Model, taker: keras.Model) -> None:
    """The weights of the layers that both forms of a network have."""
    for layer in giver.layers:
        if not isinstance(layer, Int8):
            taker.get_layer(layer.name).set_weights(layer.get_weights())


def shown_to(architecture: str, folder: Path) -> list[np.ndarray]:
    """The middle of pictures in `folder` as a network is given them, uint8 (H, W, 3).

    A generator is given low resolution, an autoencoder high. Broken pictures are named and skipped;
    raises `FileNotFoundError` if no others are there.
    """
    found = find_pictures(folder)
    pairs = []
    for path in found[:: max(1, len(found) // PICTURES)][:PICTURES]:
        try:
            pairs.append(read_pair(path))
        except (OSError, ValueError) as error:
            print(f"skipped {path.name}: {error}", file=sys.stderr)
    if not pairs:
        raise FileNotFoundError(f"no pictures in {folder} that can be read")
    if architecture.startswith("autoencoder"):
        return [_middle(pair.hr, SIDE) for pair in pairs]
    return [_middle(pair.lr, SIDE // SCALE) for pair in pairs]


def _middle(picture: np.ndarray, side: int) -> np.ndarray:
    """At most `side` pixels each way."""
    top, left = (max(0, size - side) // 2 for size in picture.shape[:2])
    return picture[top : top + side, left : left + side]
