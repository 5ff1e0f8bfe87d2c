"""The residual blocks of the networks that work at low resolution, in floats or in bytes."""

from keras import layers

from srgan.networks.int8 import Int8, Int8Conv2D
from srgan.networks.layers import quiet


def residual_blocks(x, blocks: int, maps: int, int8: bool = False):
    """`blocks` of them behind each other: (N, H, W, maps) to the same shape.

    With `int8` all but the last, which makes the largest maps: rounded, too, it did as much harm to
    even colours as all others together (docs/training.md).
    """
    for number in range(1, blocks + 1):
        x = _block(x, f"block{number:02d}", maps, int8 and number < blocks)
    return x


def _block(x, label: str, maps: int, int8: bool):
    """Two convolutions, ReLU between them, and what they were given added.

    No batch norm and nothing behind the sum (Lim et al. 2017, arXiv 1707.02921, section 3.1). With
    `int8` both convolutions are of `srgan.networks.int8`, and so is what they are given and make;
    the sum is not, or what is rounded would add up from block to block.
    """
    kind = Int8Conv2D if int8 else layers.Conv2D

    def conv(y, which, **kwargs):
        return kind(maps, 3, padding="same", name=f"{label}_conv{which}", **kwargs)(y)

    def rounded(y, which, **kwargs):
        return Int8(name=f"{label}_{which}", **kwargs)(y) if int8 else y

    y = conv(rounded(x, "given"), 1, activation="relu")
    y = conv(rounded(y, "between", positive=True), 2, kernel_initializer=quiet())
    return layers.Add(name=f"{label}_add")([x, rounded(y, "made")])
