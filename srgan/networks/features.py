"""VGG19's feature maps (Simonyan & Zisserman 2014, arXiv 1409.1556), for the content loss.

The weights are ImageNet's: downloaded by Keras applications, or read from a local file.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
from keras import layers

from srgan.errors import BadOption, NetworkUnavailable

WEIGHTS_VARIABLE = "SRGAN_VGG19_WEIGHTS"

BLOCKS = (2, 2, 4, 4, 4)  # convolutions before each pooling
LAYERS = [f"block{b}_conv{c}" for b, count in enumerate(BLOCKS, 1) for c in range(1, count + 1)]

# what the network was trained to have subtracted: ImageNet's mean red, green and blue
MEAN_RGB = (123.68, 116.779, 103.939)

# The SRGAN paper, section 3.2: brings the features to the scale of a pixel loss.
RESCALE = 1 / 12.75

# by the layer's name: kernel (3, 3, inputs, maps) for BGR, and bias (maps,), both float32
Weights = dict[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Tap:
    """Where features are taken: a convolution of VGG19, after its ReLU or before (`linear`).

    `unit` divides what is seen at a place by its length, so that places where little responds
    count as much as others (Zhang et al. 2018, arXiv 1801.03924, section 3). `weight` is for the
    loss. The paper's φ5,4 is `block5_conv4`; ESRGAN (arXiv 1809.00219) takes it before the
    activation.
    """

    layer: str = "block5_conv4"
    linear: bool = False
    weight: float = 1.0
    unit: bool = False

    @classmethod
    def parse(cls, text: str) -> "Tap":
        """Read `LAYER[:linear|:unit][*WEIGHT]`; raises BadOption."""
        place, _, weight = text.partition("*")
        layer, _, kind = place.partition(":")
        if layer not in LAYERS or kind not in ("", "linear", "unit"):
            raise BadOption(
                f"{place} names no features: they are {LAYERS[0]} to {LAYERS[-1]}, "
                "with :linear behind it for those before the activation, or :unit for those "
                "after it at equal lengths."
            )
        try:
            return cls(layer, kind == "linear", float(weight or 1), kind == "unit")
        except ValueError as error:
            raise BadOption(f"The weight of features is a number, not {weight}.") from error


def vgg19_features(weights: Weights, taps: Sequence[Tap] = (Tap(),)) -> keras.Model:
    """Build it: (N, H, W, 3) RGB pixel values 0..255 -> features, a list if of several taps.

    They are float32 (N, H/2ᵇ⁻¹, W/2ᵇ⁻¹, maps) for a layer of block b, multiplied by 1/12.75, or,
    where a tap wants `unit`, of mean square 1 at every place (0 where nothing responds). Keras's
    global policy says in what precision they are computed. Nothing of it is trainable.
    """
    deepest = max(LAYERS.index(tap.layer) for tap in taps)
    pixels = keras.Input((None, None, 3), name="hr", dtype="float32")
    x = layers.Rescaling(1.0, [-mean for mean in MEAN_RGB], dtype="float32", name="centre")(pixels)
    outputs = {}
    for number, name in enumerate(LAYERS[: deepest + 1]):
        block = int(name[len("block")])
        if number and not LAYERS[number - 1].startswith(f"block{block}"):
            x = layers.MaxPooling2D(2, name=f"block{block - 1}_pool")(x)
        x = layers.Conv2D(len(weights[name][1]), 3, padding="same", name=name)(x)
        outputs[name, True] = x
        x = layers.ReLU(name=f"{name}_relu")(x)
        outputs[name, False] = x
    scaled = [
        _scaled(outputs[tap.layer, tap.linear], tap, f"features{number}")
        for number, tap in enumerate(taps)
    ]
    model = keras.Model(pixels, scaled, name="vgg19_features")
    for name in LAYERS[: deepest + 1]:
        kernel, bias = weights[name]
        if name == LAYERS[0]:
            kernel = kernel[:, :, ::-1]  # from BGR to RGB
        model.get_layer(name).set_weights([kernel, bias])
    model.trainable = False
    return model


def _scaled(x, tap: Tap, name: str):
    factor = RESCALE
    if tap.unit:
        x = layers.UnitNormalization(dtype="float32", name=f"{name}_unit")(x)
        factor = x.shape[-1] ** 0.5
    return layers.Rescaling(factor, dtype="float32", name=name)(x)


def vgg19_weights(file: Path | None) -> Weights:
    """The weights from `file`, or, without one, from Keras applications, which downloads them once.

    `file` is Keras's own `.h5` or an `.npz` with, for each layer, `<layer>_bias` and
    `<layer>_kernel`, or instead of the kernel `<layer>_kernel_idx`, uint8 numbers of values in
    `<layer>_kernel_table`. Raises NetworkUnavailable with what to do.
    """
    if file is None:
        return _from_keras("imagenet")
    if not file.is_file():
        raise NetworkUnavailable(f"There is no file {file} with the weights of VGG19.")
    weights = _from_keras(str(file)) if file.suffix == ".h5" else _from_npz(file)
    inputs = 3
    for name in LAYERS:
        kernel, bias = weights[name]
        if kernel.shape != (3, 3, inputs, len(bias)):
            raise NetworkUnavailable(f"{file} does not hold the weights of VGG19: see {name}.")
        inputs = len(bias)
    return weights


def weights_file(option: Path | None) -> Path | None:
    """The file named by `option` or else by SRGAN_VGG19_WEIGHTS; None when neither is set."""
    name = os.environ.get(WEIGHTS_VARIABLE)
    return option or (Path(name) if name else None)


def _from_npz(file: Path) -> Weights:
    try:
        with np.load(file) as arrays:
            return {name: (_kernel(arrays, name), arrays[f"{name}_bias"]) for name in LAYERS}
    except (OSError, KeyError, IndexError, ValueError, EOFError, BadZipFile) as error:
        raise NetworkUnavailable(f"{file} does not hold the weights of VGG19.") from error


def _kernel(arrays: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    if f"{name}_kernel" in arrays.files:
        return arrays[f"{name}_kernel"]
    return arrays[f"{name}_kernel_table"][arrays[f"{name}_kernel_idx"]]


def _from_keras(source: str) -> Weights:
    try:
        model = keras.applications.VGG19(include_top=False, weights=source)
    except Exception as error:  # what Keras raises without a network is a bare Exception
        raise NetworkUnavailable(
            f"The weights of VGG19 could not be had ({error}). Name a local file of them with "
            f"--vgg19 or in {WEIGHTS_VARIABLE}."
        ) from error
    found = {name: model.get_layer(name).get_weights() for name in LAYERS}
    return {name: (kernel, bias) for name, (kernel, bias) in found.items()}
