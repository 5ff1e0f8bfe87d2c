"""The networks as Keras 3 definitions, one file each.

Every network takes and gives pixel values in 0..255 as float32, with the normalisation inside
the graph, so that no caller can scale them wrongly.
"""

from collections.abc import Callable
from functools import partial

import keras

from srgan.networks.autoencoder import autoencoder
from srgan.networks.compact import compact_generator
from srgan.networks.discriminator import discriminator
from srgan.networks.feature_discriminator import feature_discriminator
from srgan.networks.generator import generator
from srgan.networks.unet_discriminator import unet_discriminator

SCALE = 4
INT8 = "-int8"  # behind an architecture's name, for its 8-bit form

# by the architecture's name in the manifest
BUILDERS: dict[str, Callable[[], keras.Model]] = {
    "paper": generator,
    "compact": compact_generator,
    "compact" + INT8: partial(compact_generator, int8=True),
    "autoencoder": autoencoder,
    "autoencoder" + INT8: partial(autoencoder, int8=True),
}

__all__ = [
    "BUILDERS",
    "INT8",
    "SCALE",
    "autoencoder",
    "compact_generator",
    "discriminator",
    "feature_discriminator",
    "generator",
    "unet_discriminator",
]
