"""From trained weights to the files that serve: LiteRT with float16 weights."""

import tempfile
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from srgan.networks.generator import SPLIT
from srgan.networks.tail import has_tail, tail


def to_litert(model: keras.Model) -> bytes:
    """Convert `model` for windows of any size, one at a time; weights are stored as float16.

    The paper's generator becomes two signatures, "body" up to the layer `generator.SPLIT` and
    "tail" from there on; any other network a single one, "whole".
    """
    if not has_tail(model):
        return _converted({"whole": (_frozen(model), 3)})
    body = keras.Model(model.inputs, model.get_layer(SPLIT).output)
    return _converted({"body": (_frozen(body), 3), "tail": (tail(model), body.output.shape[-1])})


def _frozen(model: keras.Model) -> Callable[[Any], Any]:
    """`model` with its weights as constants: Keras 3's variables the converter would leave out."""
    values = [(variable, variable.numpy()) for variable in model.variables]

    def forward(pixels):
        constants = [(variable, tf.constant(value)) for variable, value in values]
        with keras.StatelessScope(state_mapping=constants):
            return model(pixels, training=False)

    return forward


def _converted(signatures: dict[str, tuple[Callable[[Any], Any], int]]) -> bytes:
    """Functions by name, each with the number of its input's channels."""
    module = tf.Module()
    functions = {}
    for name, (forward, channels) in signatures.items():
        given = tf.TensorSpec((1, None, None, channels), tf.float32, name="pixels")
        function = tf.function(forward, input_signature=[given])
        setattr(module, name, function)
        functions[name] = function.get_concrete_function()
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=functions)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[*functions])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        content: bytes = converter.convert()
    return content
