"""Count a network's multiply-adds."""

import math

import keras

from srgan.networks.generator import SPLIT


def multiply_adds_per_lr_pixel(model: keras.Model, lr_size: int = 24) -> float:
    """Multiply-adds of all convolutions of `model`, divided by the number of LR pixels.

    `model` takes the LR picture (its input is named `lr`) or the 4x one (any other name). Biases,
    activations and sums are not counted, as is usual.
    """
    size = lr_size if model.inputs[0].name.startswith("lr") else lr_size * 4
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    probe = keras.Model(model.inputs, [layer.output for layer in convolutions])
    outputs = probe.compute_output_spec(keras.KerasTensor((1, size, size, 3), dtype="float32"))
    total = 0
    for layer, output in zip(convolutions, outputs, strict=True):
        total += math.prod(output.shape[1:3]) * math.prod(layer.kernel.shape)
    return total / lr_size**2


def of_the_tail(model: keras.Model) -> float:
    """Multiply-adds per LR pixel of the paper's generator after the layer `generator.SPLIT`."""
    body = keras.Model(model.inputs, model.get_layer(SPLIT).output)
    return multiply_adds_per_lr_pixel(model) - multiply_adds_per_lr_pixel(body)
