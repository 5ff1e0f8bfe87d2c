"""Convolutions of 8-bit whole numbers, trained so that little is lost by them.

Processors multiply bytes four at a time where they multiply one float (VNNI and AMX on x86, the
dot product on ARM). While training, weights and maps are rounded to the values that bytes can
stand for, and gradients pass as if they were not (Jacob et al. 2018, arXiv 1712.05877, section 3).
LiteRT's converter knows the same operations and makes true 8-bit convolutions of them.
"""

import keras
from keras import layers, ops
from keras.quantizers import fake_quant_with_min_max_vars


@keras.saving.register_keras_serializable("srgan")
class Int8(layers.Layer):
    """Maps rounded to 256 values, evenly spread over a range that is trained, too.

    Any shape, float32, to the same shape; what lies beyond the range becomes its end. `positive`
    maps, as ReLU leaves them, have a range from 0 up.
    """

    def __init__(self, positive: bool = False, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.positive = positive

    def build(self, input_shape):
        self.high = self.add_weight(shape=(), initializer="ones", name="high")
        if not self.positive:
            self.low = self.add_weight(
                shape=(), initializer=keras.initializers.Constant(-1.0), name="low"
            )

    def call(self, inputs):
        low = ops.zeros(()) if self.positive else self.low
        return fake_quant_with_min_max_vars(inputs, low, self.high)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "positive": self.positive}


@keras.saving.register_keras_serializable("srgan")
class Int8Conv2D(layers.Conv2D):
    """A convolution whose weights are rounded to 255 values for each of its maps, 0 among them."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{**kwargs, "dtype": "float32"})

    def call(self, inputs):
        kernel = ops.convert_to_tensor(self.kernel)
        largest = ops.stop_gradient(ops.max(ops.abs(kernel), axis=(0, 1, 2)))
        rounded = fake_quant_with_min_max_vars(
            kernel, -largest, largest, narrow_range=True, axis=-1
        )
        outputs = ops.conv(inputs, rounded, strides=list(self.strides), padding=self.padding)
        return self.activation(ops.add(outputs, self.bias))
