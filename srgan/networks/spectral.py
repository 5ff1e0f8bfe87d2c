"""Spectral normalisation (Miyato et al. 2018, arXiv 1802.05957) that every backend runs alike."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("srgan")
class SpectralConv2D(layers.Conv2D):
    """A convolution that divides its kernel by the largest singular value of it, as a matrix.

    The value comes from one step of power iteration a call in training; `u`, where that has got
    to, is part of the weights. The kernel that is stored and trained is the undivided one: Keras's
    own `SpectralNormalization` overwrites it in the forward pass, behind the optimiser's back.
    """

    def build(self, input_shape):
        super().build(input_shape)
        kernel = keras.ops.convert_to_numpy(self.kernel).astype(np.float32)
        matrix = kernel.reshape(-1, self.filters)
        # exact at the start, because a layer whose norm is underestimated blows the logits up
        leading = np.linalg.eigh(matrix.T @ matrix)[1][:, -1]
        self.u = self.add_weight(
            name="u",
            shape=(self.filters,),
            initializer="zeros",
            dtype="float32",
            autocast=False,
            trainable=False,
        )
        self.u.assign(leading)

    def call(self, inputs, training=False):
        kernel = ops.cast(self.kernel, "float32")
        matrix = ops.reshape(kernel, (-1, self.filters))
        fixed = ops.stop_gradient(matrix)
        u = ops.convert_to_tensor(self.u)
        v = _unit(ops.matmul(fixed, u))
        if training:
            u = _unit(ops.matmul(v, fixed))
            self.u.assign(u)
        norm = ops.sum(v * ops.matmul(matrix, u))
        outputs = self.convolution_op(inputs, ops.cast(kernel / norm, inputs.dtype))
        if self.use_bias:
            outputs = outputs + ops.cast(self.bias, outputs.dtype)
        return outputs if self.activation is None else self.activation(outputs)


def _unit(vector):
    return vector / (ops.sqrt(ops.sum(ops.square(vector))) + 1e-12)
