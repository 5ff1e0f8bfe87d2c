"""Training weights from a file that a user names."""

from pathlib import Path

import h5py
import keras

from srgan.errors import NetworkUnavailable
from srgan.networks import BUILDERS, INT8

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


def stored(architecture: str, path: Path) -> tuple[str, keras.Model]:
    """The network of `path`, which is of `architecture` or of its 8-bit form: which, and itself.

    Raises NetworkUnavailable as `load_stored` does.
    """
    bytes_form = architecture + INT8
    form = bytes_form if bytes_form in BUILDERS and _of_bytes(path) else architecture
    model = BUILDERS[form]()
    load_stored(model, path)
    return form, model


def _of_bytes(path: Path) -> bool:
    """Whether weights are those of an 8-bit form: files of weights name layers by their classes."""
    try:
        with h5py.File(path) as file:
            return file.visit(lambda name: "int8" in name or None) is not None
    except OSError:
        return False  # `load_stored` says what is wrong with it
