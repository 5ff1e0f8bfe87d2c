"""The end of the paper's generator for serving: the same sums without a full-size map of 64.

As it is defined, the tail ends with a convolution from 64 maps to 3 at four times the size, which
uses 3 of the 16 lanes that a processor's matrix kernels have. Done before the last shuffle, it goes
from 4 × 64 maps to 4 × 3 at twice the size, on 12 lanes. The 4 × 64 maps are made, used and
forgotten 64 at a time, so that there are never all of them: half the memory, for the same sums.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from srgan.networks.few_maps import before_shuffle
from srgan.networks.generator import SPLIT

_LAYERS = ["upsample1_conv", "upsample1_prelu", "upsample2_conv", "upsample2_prelu", "tail_conv"]


def has_tail(model: keras.Model) -> bool:
    """Whether `model` is the paper's generator, which enlarges step by step at its end."""
    return {SPLIT, *_LAYERS} <= {layer.name for layer in model.layers}


def tail(model: keras.Model) -> Callable[[Any], Any]:
    """What the paper's generator does after `SPLIT`: (1, H, W, maps) -> (1, 4H, 4W, 3) tensors."""
    enlarge1, slopes1, enlarge2, slopes2, last = (
        [variable.numpy() for variable in model.get_layer(name).variables] for name in _LAYERS
    )
    last_kernel = np.float32(127.5) * keras.ops.convert_to_numpy(before_shuffle(last[0], 2))

    def conv(x, kernel, added):
        return tf.nn.conv2d(x, tf.constant(kernel), 1, "SAME") + added

    def prelu(x, slopes):
        return tf.nn.relu(x) + tf.constant(-slopes) * tf.nn.relu(-x)

    def run(x):
        # the slopes of four times the maps, as it comes before the shuffle
        slopes = np.tile(slopes1[0], (1, 1, 4))
        x = tf.nn.depth_to_space(prelu(conv(x, *enlarge1), slopes), 2)
        kernel, bias = enlarge2
        pixels = np.tile(last[1], 4) * np.float32(127.5) + np.float32(127.5)
        for group in np.split(np.arange(bias.size), 4):
            maps = prelu(conv(x, kernel[..., group], bias[group]), *slopes2)
            pixels = conv(maps, last_kernel[:, :, group], pixels)
        return tf.nn.depth_to_space(pixels, 2)

    return run
