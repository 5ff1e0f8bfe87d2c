"""From trained weights to the files that serve: LiteRT with float16 weights."""

import keras
import tensorflow as tf


def to_litert(model: keras.Model) -> bytes:
    """Convert `model` for windows of any size, one at a time; weights are stored as float16.

    The weights go in as constants: what Keras 3 holds as variables, the converter would leave out.
    """
    values = [(variable, variable.numpy()) for variable in model.variables]

    @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)])
    def forward(pixels):
        constants = [(variable, tf.constant(value)) for variable, value in values]
        with keras.StatelessScope(state_mapping=constants):
            return model(pixels, training=False)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([forward.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    content: bytes = converter.convert()
    return content
