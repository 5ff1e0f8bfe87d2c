"""A convolution to a few maps, done at half the size.

A processor's matrix units take 16 maps at a time, or more: one that makes 3, the colours, leaves
most of them idle. Four neighbouring pixels' colours are 12 maps of a picture of half the size.
"""

import keras
from keras import layers, ops

FACTOR = 2


def before_shuffle(kernel, factor: int):
    """The kernel that does before a shuffle what `kernel` does after it.

    (k, k, I, O), k odd -> (n, n, factor²·I, factor²·O), in depth-to-space order: a tensor.
    """
    size, _, inputs, outputs = kernel.shape
    reach = size // 2
    blocks = -(-reach // factor)  # how many of the small map's pixels it reaches to either side
    taps = 2 * blocks + 1

    def moved(row, column):
        first = (blocks * factor - reach + row, blocks * factor - reach + column)
        return ops.pad(kernel, [*((f, factor * taps - size - f) for f in first), (0, 0), (0, 0)])

    places = range(factor)
    moves = ops.stack([moved(row, column) for row in places for column in places])
    parted = ops.reshape(moves, (factor, factor, taps, factor, taps, factor, inputs, outputs))
    # places in the result, taps, places in what is given -> taps, places given, places made
    parted = ops.transpose(parted, (2, 4, 3, 5, 6, 0, 1, 7))
    return ops.reshape(parted, (taps, taps, factor**2 * inputs, factor**2 * outputs))


@keras.saving.register_keras_serializable("srgan")
class Conv2D(layers.Conv2D):
    """Keras's, at stride 1 and with zeros around pictures of even sides, for few `filters`.

    It has the name of what it stands for because files of weights name layers by their classes.
    """

    def call(self, inputs):
        kernel = ops.cast(self.kernel, inputs.dtype)
        small = ops.space_to_depth(inputs, FACTOR)
        made = ops.conv(small, before_shuffle(kernel, FACTOR), padding="same")
        return ops.depth_to_space(made, FACTOR) + ops.cast(self.bias, inputs.dtype)
