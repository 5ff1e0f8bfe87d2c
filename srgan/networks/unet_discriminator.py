"""A discriminator that judges every pixel (Wang et al. 2021, arXiv 2107.10833, section 3.4)."""

import keras
from keras import layers

from srgan.networks.layers import from_pixels
from srgan.networks.spectral import SpectralConv2D

DEPTH = 3


def unet_discriminator(
    patch: int = 96, maps: int = 64, name: str = "unet_discriminator"
) -> keras.Model:
    """Build it: (N, patch, patch, 3) pixel values 0..255 -> (N, patch, patch, 1) logits, float32.

    `patch` is the HR patch size in pixels, a multiple of 8. Three steps down, three up, each
    joined to what was there on the way down; spectral norm in all but the first and the last
    convolution.
    """
    if patch % 2**DEPTH:
        raise ValueError(f"the discriminator's patch must be a multiple of 8, not {patch}")
    pixels = keras.Input((patch, patch, 3), name="hr", dtype="float32")

    def spectral(x, filters, size, label, strides=1):
        x = SpectralConv2D(
            filters, size, strides=strides, padding="same", use_bias=False, name=label
        )(x)
        return layers.LeakyReLU(0.2, name=f"{label}_leaky")(x)

    x = layers.Conv2D(maps, 3, padding="same", name="first")(from_pixels(pixels))
    x = layers.LeakyReLU(0.2, name="first_leaky")(x)
    passed = []
    for step in range(1, DEPTH + 1):
        passed.append(x)
        x = spectral(x, maps * 2**step, 4, f"down{step}", strides=2)
    for step in range(DEPTH, 0, -1):
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{step}_enlarge")(x)
        x = spectral(x, maps * 2 ** (step - 1), 3, f"up{step}")
        x = layers.Add(name=f"up{step}_join")([x, passed.pop()])
    x = spectral(x, maps, 3, "judge1")
    x = spectral(x, maps, 3, "judge2")
    logits = layers.Conv2D(1, 3, padding="same", dtype="float32", name="last")(x)
    return keras.Model(pixels, logits, name=name)
