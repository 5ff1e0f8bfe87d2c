"""The generator of the SRGAN paper (Ledig et al. 2017, arXiv 1609.04802, figure 4)."""

import keras
import numpy as np
from keras import layers
from keras.initializers import GlorotUniform

from srgan.networks import few_maps
from srgan.networks.carry import Enlarge, Pass
from srgan.networks.layers import PixelShuffle, from_pixels, prelu, quiet, to_pixels

SPLIT = "long_skip"  # the layer that ends the body, at the input's resolution; the tail enlarges
# the gain with which batch norm at the end of a branch starts: a quiet initialiser it would undo
# (Goyal et al. 2017, arXiv 1706.02677, section 5.1)
SILENT = "zeros"


def generator(
    batch_norm: bool = False, maps: int = 64, blocks: int = 16, name: str = "generator"
) -> keras.Model:
    """Build the generator: (N, H, W, 3) pixel values 0..255 -> (N, 4H, 4W, 3), float32, unclipped.

    It starts out close to bicubic interpolation (see `srgan.networks.carry`).

    `batch_norm=True` gives the paper's exact blocks. The shipped weights are trained without:
    EDSR (arXiv 1707.02921) and ESRGAN (arXiv 1809.00219) measured better pictures that way.
    """

    def normalised(x, label, gain="ones"):
        if not batch_norm:
            return x
        return layers.BatchNormalization(gamma_initializer=gain, name=f"{label}_norm")(x)

    def residual_block(x, label):
        y = layers.Conv2D(maps, 3, padding="same", name=f"{label}_conv1")(x)
        y = prelu(f"{label}_prelu")(normalised(y, f"{label}_conv1"))
        y = layers.Conv2D(
            maps, 3, padding="same", kernel_initializer=quiet(), name=f"{label}_conv2"
        )(y)
        return layers.Add(name=f"{label}_add")([x, normalised(y, f"{label}_conv2", SILENT)])

    def upsample(x, label):
        y = layers.Conv2D(
            maps * 4,
            3,
            padding="same",
            kernel_initializer=Enlarge(2, GlorotUniform()),
            name=f"{label}_conv",
        )(x)
        return prelu(f"{label}_prelu")(PixelShuffle(2, name=f"{label}_shuffle")(y))

    pixels = keras.Input((None, None, 3), name="lr", dtype="float32")
    x = layers.Conv2D(
        maps, 9, padding="same", kernel_initializer=Pass(GlorotUniform()), name="head_conv"
    )(from_pixels(pixels))
    head = prelu("head_prelu")(x)
    x = head
    for block in range(1, blocks + 1):
        x = residual_block(x, f"block{block:02d}")
    x = layers.Conv2D(maps, 3, padding="same", kernel_initializer=quiet(), name="body_conv")(x)
    x = layers.Add(name=SPLIT)([head, normalised(x, "body_conv", SILENT)])
    x = upsample(x, "upsample1")
    x = upsample(x, "upsample2")
    x = few_maps.Conv2D(3, 9, padding="same", kernel_initializer=Pass(quiet()), name="tail_conv")(x)
    return keras.Model(pixels, to_pixels(x), name=name)


def without_batch_norm(model: keras.Model) -> keras.Model:
    """What a generator with batch norm is when it serves, with that in the convolutions before."""
    plain = generator()
    norms = {it.name: it for it in model.layers if isinstance(it, layers.BatchNormalization)}
    for layer in plain.layers:
        weights = model.get_layer(layer.name).get_weights()
        if norm := norms.get(f"{layer.name}_norm"):
            (kernel, bias), (gamma, beta, mean, variance) = weights, norm.get_weights()
            gain = gamma / np.sqrt(variance + norm.epsilon)
            weights = [kernel * gain, (bias - mean) * gain + beta]
        layer.set_weights(weights)
    return plain
