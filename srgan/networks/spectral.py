"""Spectral normalisation (Miyato et al. 2018, arXiv 1802.05957) that every backend runs alike."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("srgan")
class SpectralConv2D(layers.Conv2D):
    """A convolution that divides its kernel by the largest singular value of it, as a matrix.

    The value comes from one step of power iteration a call in training; `u` is where that has got
    to. The kernel that is stored and trained is the undivided one: Keras's own
    `SpectralNormalization` overwrites it in the forward pass, behind the optimiser's back.
    A file of weights has kernel and bias, which is all that Conv2D saves; `u` follows from them.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(self.filters,),
            initializer="zeros",
            dtype="float32",
            autocast=False,
            trainable=False,
        )
        self._measure()

    def load_own_variables(self, store):
        """Take kernel and bias; Conv2D's own refuses a file that has not every variable."""
        self.kernel.assign(store["0"])
        if self.use_bias:
            self.bias.assign(store["1"])
        self._measure()

    def _measure(self):
        """Start `u` at the exact vector: where a norm is underestimated, the logits blow up."""
        kernel = ops.convert_to_numpy(self.kernel).astype(np.float32)
        matrix = kernel.reshape(-1, self.filters)
        self.u.assign(np.linalg.eigh(matrix.T @ matrix)[1][:, -1])

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
