"""Building blocks that more than one network uses."""

import keras
from keras import layers

from srgan.networks.carry import Slopes
from srgan.networks.prelu import PReLU


@keras.saving.register_keras_serializable("srgan")
class PixelShuffle(layers.Layer):
    """Rearrange (N, H, W, C·f²) into (N, H·f, W·f, C) (Shi et al. 2016, arXiv 1609.05158).

    Channel order is depth-to-space order: the f² positions vary slowest, the C maps fastest.
    """

    def __init__(self, factor: int, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return keras.ops.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        f = self.factor
        return (
            batch,
            None if height is None else height * f,
            None if width is None else width * f,
            channels // (f * f),
        )

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def from_pixels(x):
    """Pixel values 0..255 to -1..1, always in float32."""
    return layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="from_pixels")(x)


def to_pixels(x):
    """-1..1 back to pixel values 0..255 (not clipped), always in float32."""
    return layers.Rescaling(127.5, offset=127.5, dtype="float32", name="to_pixels")(x)


def prelu(name: str):
    """PReLU with one slope per map, so that any picture size goes through."""
    return PReLU(Slopes(), shared_axes=[1, 2], name=name)


def quiet(seed: int | None = None):
    """Initialiser for the last convolution of a residual branch.

    Without batch norm a deep residual network starts well when each branch starts small
    (Wang et al. 2018, arXiv 1809.00219, section 3.1: smaller initialisation).
    """
    return keras.initializers.VarianceScaling(0.02, "fan_in", "truncated_normal", seed=seed)
