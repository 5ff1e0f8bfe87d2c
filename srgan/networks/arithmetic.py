"""Count a network's multiply-adds."""

import math

import keras


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
