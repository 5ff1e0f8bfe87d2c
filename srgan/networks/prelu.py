"""PReLU (He et al. 2015, arXiv 1502.01852), trained in one pass over the maps."""

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("srgan")
class PReLU(layers.PReLU):
    """Keras's, with one slope per map: (N, H, W, maps) -> the same shape.

    Keras's own is several operations, which TensorFlow runs one after the other, there and back;
    JAX puts them together by itself. What is not trained stays as LiteRT's converter knows it.
    It has the name of what it stands for because files of weights name layers by their classes.
    """

    def call(self, inputs, training=False):
        if training and keras.backend.backend() == "tensorflow":
            return _in_one_pass()(inputs, keras.ops.cast(self.alpha, inputs.dtype))
        return super().call(inputs)


@functools.cache
def _in_one_pass() -> Callable[[Any, Any], Any]:
    """Maps and slopes of one dtype to the result: compiled once for all layers of one shape."""
    import tensorflow as tf

    @tf.function(jit_compile=True)
    def there(x, a):
        return tf.where(x > 0, x, a * x)

    @tf.function(jit_compile=True)
    def back(x, a, upstream):
        below = tf.where(x > 0, 0.0, tf.cast(upstream, "float32") * tf.cast(x, "float32"))
        of_slopes = tf.reduce_sum(below, (0, 1, 2), keepdims=True)[0]
        return tf.where(x > 0, upstream, a * upstream), tf.cast(of_slopes, a.dtype)

    @tf.custom_gradient
    def run(x, a):
        return there(x, a), lambda upstream: back(x, a, upstream)

    return run
