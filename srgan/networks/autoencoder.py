"""The denoising autoencoder that cleans an upscaled picture.

A strided encoder compresses the 4x picture down to the low resolution, where nearly all of the
arithmetic happens; the decoder brings it back to its shape. What leaves it is its input plus a
correction, so that a clean picture only needs a correction of zero. In its 8-bit form three of
the four residual blocks, half of the arithmetic, multiply bytes.
"""

import keras
from keras import layers

from srgan.networks.layers import PixelShuffle, from_pixels, quiet, to_pixels
from srgan.networks.residual import residual_blocks


def autoencoder(
    maps: int = 48, blocks: int = 4, name: str = "autoencoder", int8: bool = False
) -> keras.Model:
    """Build it: (N, 4H, 4W, 3) pixel values 0..255 -> the same shape, float32, unclipped.

    Height and width must be multiples of 4. With `int8` it has its 8-bit form.
    """
    half = maps // 2

    def conv(x, label, filters, **kwargs):
        return layers.Conv2D(filters, 3, padding="same", name=label, **kwargs)(x)

    pixels = keras.Input((None, None, 3), name="sr", dtype="float32")
    scaled = from_pixels(pixels)
    encoded1 = conv(scaled, "encode1_conv", half, strides=2, activation="relu")
    encoded2 = conv(encoded1, "encode2_conv", maps, strides=2)
    x = residual_blocks(encoded2, blocks, maps, int8)
    x = conv(x, "decode2_conv", half * 4)
    x = PixelShuffle(2, name="decode2_shuffle")(x)
    x = layers.Add(name="decode2_skip")([encoded1, x])
    x = layers.ReLU(name="decode2_relu")(x)
    x = conv(x, "decode1_conv", 3 * 4, kernel_initializer=quiet())
    x = PixelShuffle(2, name="decode1_shuffle")(x)
    x = layers.Add(dtype="float32", name="correct")([scaled, x])
    return keras.Model(pixels, to_pixels(x), name=name)
