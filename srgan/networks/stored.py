"""Training weights from a file that a user names."""

from pathlib import Path

import h5py
import keras

from srgan.errors import NetworkUnavailable
from srgan.networks import BUILDERS, INT8
from srgan.networks.generator import generator, without_batch_norm

ENDING = ".weights.h5"  # Keras reads a file of any other name in another way


def load_stored(model: keras.Model, path: Path) -> None:
    """Load `path`, a `.weights.h5` file, into `model`.

    Raises NetworkUnavailable if it is not there, called otherwise or of another network.
    """
    if not path.is_file():
        raise NetworkUnavailable(f"There is no file {path}.")
    if not path.name.endswith(ENDING):
        raise NetworkUnavailable(f"{path} is not read: weights are in files that end in {ENDING}.")
    try:
        model.load_weights(path)
    except (OSError, KeyError, ValueError) as error:
        raise NetworkUnavailable(f"{path} does not hold the weights of this network.") from error
    # Keras passes over layers that the network has not without a word
    layers = sum(name.endswith("/vars/0") for name in _names(path))
    if layers > sum(bool(layer.weights) for layer in model.layers):
        raise NetworkUnavailable(
            f"{path} does not hold the weights of this network, but of one with more layers."
        )


def stored(architecture: str, path: Path) -> tuple[str, keras.Model]:
    """The network of `path`, which is of `architecture` or of its 8-bit form: which, and itself.

    The paper's generator comes without batch norm, also where the file has some.
    Raises NetworkUnavailable as `load_stored` does.
    """
    if architecture == "paper" and has_batch_norm(path):
        normalised = generator(batch_norm=True)
        load_stored(normalised, path)
        return architecture, without_batch_norm(normalised)
    bytes_form = architecture + INT8
    form = bytes_form if bytes_form in BUILDERS and _has(path, "int8") else architecture
    model = BUILDERS[form]()
    load_stored(model, path)
    return form, model


def has_batch_norm(path: Path) -> bool:
    """Whether weights are those of a network with batch norm."""
    return _has(path, "batch_normalization")


def _has(path: Path, kind: str) -> bool:
    """Whether there are weights of such layers: files of weights name them by their classes."""
    try:
        return any(kind in name for name in _names(path))
    except OSError:
        return False  # `load_stored` says what is wrong with it


def _names(path: Path) -> list[str]:
    names: list[str] = []
    with h5py.File(path) as file:
        file.visit(names.append)
    return names
