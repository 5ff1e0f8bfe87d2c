"""A discriminator that judges VGG19's features instead of pixels.

What tells photographs from what is made up need not be learnt from nothing: heads of three layers
behind a frozen network know it after a few steps (Sauer et al. 2021, arXiv 2111.01007), and the
content loss has the features already.
"""

from collections.abc import Sequence

import keras
from keras import layers

from srgan.networks.features import Tap
from srgan.networks.spectral import SpectralConv2D

# by the layer: the root mean square of its features before the activation, as `vgg19_features` of
# ImageNet's weights gives them for 256 patches of 96 pixels of photographs
SIZES = {"block1_conv2": 17.5, "block2_conv2": 32.5, "block3_conv4": 77.8, "block4_conv4": 56.7}
TAPS = tuple(Tap(layer, linear=True) for layer in SIZES)
WIDTHS = (64, 128, 256, 512)  # VGG19's

# Spectral norm divides kernels by their size, of which Adam's steps know nothing: small ones turn
# ten times as fast.
SMALL = 0.01


def feature_discriminator(
    widths: Sequence[int] = WIDTHS, maps: int = 64, name: str = "feature_discriminator"
) -> keras.Model:
    """Build it: a list of features (N, h, w, widths) of `TAPS` -> a list of logits (N, h, w, 1).

    All are float32. There is a head for each tap, with spectral norm (arXiv 1802.05957): a layer
    at every place by itself, one for what is around it, and a judgement. It has `maps` maps, or
    half of them where the features are the finest and take the most arithmetic.
    """
    inputs = [
        keras.Input((None, None, width), name=f"{layer}_features", dtype="float32")
        for layer, width in zip(SIZES, widths, strict=True)
    ]
    logits = [
        _head(x, layer, maps if number else maps // 2)
        for number, (layer, x) in enumerate(zip(SIZES, inputs, strict=True))
    ]
    return keras.Model(inputs, logits, name=name)


def _head(x, layer: str, maps: int):
    x = layers.Rescaling(1 / SIZES[layer], dtype="float32", name=f"{layer}_size")(x)
    for size in (1, 3):
        x = SpectralConv2D(
            maps,
            size,
            padding="same",
            kernel_initializer=_small(),
            name=f"{layer}_conv{size}",
        )(x)
        x = layers.LeakyReLU(0.2, name=f"{layer}_leaky{size}")(x)
    return SpectralConv2D(
        1, 1, kernel_initializer=_small(), dtype="float32", name=f"{layer}_logits"
    )(x)


def _small():
    return keras.initializers.VarianceScaling(SMALL, "fan_avg", "uniform")
