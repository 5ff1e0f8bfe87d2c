"""The discriminator of the SRGAN paper (Ledig et al. 2017, arXiv 1609.04802, figure 4)."""

import keras
from keras import layers

from srgan.networks.layers import from_pixels
from srgan.networks.spectral import SpectralConv2D


def discriminator(
    patch: int = 96, spectral_norm: bool = False, maps: int = 64, name: str = "discriminator"
) -> keras.Model:
    """Build it: (N, patch, patch, 3) pixel values 0..255 -> (N, 1) logits, float32.

    `patch` is the HR patch size in pixels, a multiple of 16. The paper's closing sigmoid is
    left to the loss, which is steadier from logits. With `spectral_norm`, that takes the place of
    batch norm in every layer (arXiv 1802.05957). `maps` are those of the first layer; half of the
    paper's 64 make it four times as fast.
    """
    if patch % 16:
        raise ValueError(f"the discriminator's patch must be a multiple of 16, not {patch}")
    pixels = keras.Input((patch, patch, 3), name="hr", dtype="float32")
    x = from_pixels(pixels)
    plan = [(factor, stride) for factor in (1, 2, 4, 8) for stride in (1, 2)]
    for number, (factor, stride) in enumerate(plan, start=1):
        x = _block(x, number, factor * maps, stride, spectral_norm)
    if spectral_norm:
        # dense layers, written as the convolutions that they are
        x = SpectralConv2D(1024, patch // 16, name="dense1")(x)
        x = layers.LeakyReLU(0.2, name="leaky9")(x)
        x = SpectralConv2D(1, 1, dtype="float32", name="dense2")(x)
        return keras.Model(pixels, layers.Flatten(name="flatten")(x), name=name)
    x = layers.Flatten(name="flatten")(x)
    x = layers.LeakyReLU(0.2, name="leaky9")(layers.Dense(1024, name="dense1")(x))
    logits = layers.Dense(1, dtype="float32", name="dense2")(x)
    return keras.Model(pixels, logits, name=name)


def _block(x, number: int, maps: int, stride: int, spectral_norm: bool):
    """Convolution, normalisation, leaky ReLU; the first one has no batch norm."""
    convolution = SpectralConv2D if spectral_norm else layers.Conv2D
    batch_norm = number > 1 and not spectral_norm
    # without a bias where batch norm would take it away again
    x = convolution(
        maps, 3, strides=stride, padding="same", use_bias=not batch_norm, name=f"conv{number}"
    )(x)
    if batch_norm:
        x = layers.BatchNormalization(name=f"norm{number}")(x)
    return layers.LeakyReLU(0.2, name=f"leaky{number}")(x)
