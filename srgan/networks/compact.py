"""The compact generator: the paper's idea at a sixth of its arithmetic.

Everything happens at low resolution (as in Lim et al. 2017, arXiv 1707.02921, without their
upsampling convolutions), and the network only adds to an enlargement that starts as bicubic.

In its 8-bit form seven of the eight residual blocks, three quarters of the arithmetic, multiply
bytes. What they add up to, the enlargement and what is behind the blocks stay as they are: what is
rounded there would be seen.
"""

import keras
from keras import layers

from srgan.networks.carry import Enlarge
from srgan.networks.layers import PixelShuffle, from_pixels, quiet, to_pixels
from srgan.networks.residual import residual_blocks

SCALE = 4


def compact_generator(
    maps: int = 48, blocks: int = 8, name: str = "compact_generator", int8: bool = False
) -> keras.Model:
    """Build it: (N, H, W, 3) pixel values 0..255 -> (N, 4H, 4W, 3), float32, unclipped.

    Untrained it is bicubic interpolation, almost: the residual part starts near zero. The
    enlargement and the sum stay in float32 under mixed precision, so only the correction is
    rounded to half precision while training. With `int8` it has its 8-bit form.
    """

    def conv(x, label, filters=maps, **kwargs):
        return layers.Conv2D(filters, 3, padding="same", name=label, **kwargs)(x)

    pixels = keras.Input((None, None, 3), name="lr", dtype="float32")
    scaled = from_pixels(pixels)
    enlarged = layers.Conv2D(
        3 * SCALE**2,
        5,
        padding="same",
        use_bias=False,
        kernel_initializer=Enlarge(SCALE),
        dtype="float32",
        name="enlarge",
    )(scaled)
    head = conv(scaled, "head_conv")
    x = residual_blocks(head, blocks, maps, int8)
    x = conv(x, "body_conv", kernel_initializer=quiet())
    x = layers.Add(name="long_skip")([head, x])
    x = conv(x, "tail_conv", filters=3 * SCALE**2, kernel_initializer=quiet())
    x = layers.Add(dtype="float32", name="add_enlarged")([enlarged, x])
    x = PixelShuffle(SCALE, dtype="float32", name="shuffle")(x)
    return keras.Model(pixels, to_pixels(x), name=name)
