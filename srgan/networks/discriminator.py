"""The discriminator of the SRGAN paper (Ledig et al. 2017, arXiv 1609.04802, figure 4)."""

import keras
from keras import layers

from srgan.networks.layers import from_pixels


def discriminator(patch: int = 96, name: str = "discriminator") -> keras.Model:
    """Build it: (N, patch, patch, 3) pixel values 0..255 -> (N, 1) logits, float32.

    `patch` is the HR patch size in pixels, a multiple of 16. The paper's closing sigmoid is
    left to the loss, which is steadier from logits.
    """
    if patch % 16:
        raise ValueError(f"the discriminator's patch must be a multiple of 16, not {patch}")
    pixels = keras.Input((patch, patch, 3), name="hr", dtype="float32")
    x = layers.Conv2D(64, 3, padding="same", name="conv1")(from_pixels(pixels))
    x = layers.LeakyReLU(0.2, name="leaky1")(x)
    plan = [(64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2)]
    for number, (maps, stride) in enumerate(plan, start=2):
        # without a bias, which batch norm would take away again
        x = layers.Conv2D(
            maps, 3, strides=stride, padding="same", use_bias=False, name=f"conv{number}"
        )(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.LeakyReLU(0.2, name=f"leaky{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.LeakyReLU(0.2, name="leaky9")(layers.Dense(1024, name="dense1")(x))
    logits = layers.Dense(1, dtype="float32", name="dense2")(x)
    return keras.Model(pixels, logits, name=name)
