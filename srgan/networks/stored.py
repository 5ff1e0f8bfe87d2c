"""Training weights from a file that a user names."""

from pathlib import Path

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
    forms = [form for form in (architecture + INT8, architecture) if form in BUILDERS]
    for form in forms:
        model = BUILDERS[form]()
        try:
            load_stored(model, path)
        except NetworkUnavailable:
            if form == forms[-1]:
                raise
        else:
            break
    return form, model
