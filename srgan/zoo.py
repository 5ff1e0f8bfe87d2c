"""The networks that the program ships: the manifest in `models/`, checked against its hashes."""

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srgan.errors import BadOption, NetworkUnavailable

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Tail:
    """The end of a generator that enlarges, which runs in parts of a window to save memory.

    context: what a part needs on its inner sides, in LR pixels.
    window: the largest part's side, in LR pixels.
    multiply_adds: per LR pixel, of the network's.
    """

    context: int
    window: int
    multiply_adds: int


@dataclass(frozen=True)
class Network:
    """One exported network and what is known about it.

    name: as people choose it, such as "faithful".
    kind: "generator" (H×W -> 4H×4W) or "autoencoder" (4H×4W -> 4H×4W).
    architecture: its definition in `srgan.networks.BUILDERS`, such as "compact-int8".
    summary: one line that says what it is for.
    folder: where its files are.
    file, sha256: the LiteRT file and its hash.
    weights, weights_sha256: the training weights of the same network.
    scale: how many times larger the generator's result is, and the picture that an autoencoder
        cleans is than the one it was made from.
    halo: context a window needs on its inner sides, in LR pixels, chosen by measurement.
    window: the largest window side worth running, in LR pixels, chosen by measurement.
    multiply_adds: per LR pixel, of its convolutions as they are defined.
    tail: set for a generator whose file has two parts, "body" at the input's resolution and
        "tail"; None for a file in one part.
    autoencoder: the name of the network that cleans this generator's output; None for none.
    recipe: how it was trained, in words, stage by stage.
    benchmark: measured quality, by set.
    """

    name: str
    kind: str
    architecture: str
    summary: str
    folder: Path
    file: str
    sha256: str
    weights: str
    weights_sha256: str
    scale: int
    halo: int
    window: int
    multiply_adds: int
    tail: Tail | None
    autoencoder: str | None
    recipe: tuple[str, ...]
    benchmark: dict[str, Any]

    def read(self) -> bytes:
        """The bytes of the LiteRT file. Raises NetworkUnavailable unless they match the hash."""
        return self._checked(self.file, self.sha256)

    def training_weights(self) -> Path:
        """The path of the training weights. Raises NetworkUnavailable unless they match."""
        self._checked(self.weights, self.weights_sha256)
        return self.folder / self.weights

    def _checked(self, file: str, sha256: str) -> bytes:
        path = self.folder / file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise NetworkUnavailable(
                f"The network {self.name} cannot be read from {path} ({error.strerror}): "
                "install the program again, or set SRGAN_MODELS to the folder that has it."
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NetworkUnavailable(
                f"The network {self.name} in {path} is damaged or was changed (its SHA-256 is not "
                "the manifest's): install the program again."
            )
        return content


@dataclass(frozen=True)
class Zoo:
    """All networks of one folder. `default` is the generator that is used when none is named."""

    folder: Path
    default: str
    networks: dict[str, Network]

    def models(self) -> list[str]:
        """The generators' names, in the manifest's order."""
        return [n.name for n in self.networks.values() if n.kind == "generator"]

    def model(self, name: str) -> Network:
        """The generator `name`. Raises BadOption for an unknown one."""
        network = self.networks.get(name)
        if network is None or network.kind != "generator":
            raise BadOption(f"There is no model {name!r}. There are: {', '.join(self.models())}.")
        return network

    def autoencoder_for(self, model: Network) -> Network | None:
        """The network that cleans what `model` makes, if there is one."""
        return None if model.autoencoder is None else self.networks[model.autoencoder]


def models_folder() -> Path:
    """SRGAN_MODELS if set, else `models` beside the package, else where pip installs them."""
    configured = os.environ.get("SRGAN_MODELS")
    if configured:
        return Path(configured)
    beside = Path(__file__).parents[1] / "models"
    installed = Path(sys.prefix, "share", "srgan", "models")
    return installed if installed.is_dir() and not beside.is_dir() else beside


def load_zoo(folder: Path | None = None) -> Zoo:
    """Read the manifest. Raises NetworkUnavailable if it is missing or makes no sense."""
    folder = models_folder() if folder is None else folder
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        networks = {
            name: _network(name, folder, facts) for name, facts in manifest["networks"].items()
        }
        zoo = Zoo(folder, manifest["default"], networks)
        cleaners = {n.autoencoder for n in networks.values()} - {None}
        if zoo.default not in zoo.models() or not cleaners <= set(networks):
            raise ValueError("it names a network that it does not list")
    except OSError as error:
        raise NetworkUnavailable(
            f"The list of networks cannot be read from {path} ({error.strerror}): "
            "install the program again, or set SRGAN_MODELS to the folder that has it."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NetworkUnavailable(
            f"The list of networks in {path} is damaged ({error}): install the program again."
        ) from error
    return zoo


def _network(name: str, folder: Path, facts: dict[str, Any]) -> Network:
    tail = facts.get("tail")
    made_of = {
        "name": name,
        "folder": folder,
        "tail": None if tail is None else Tail(**tail),
        "recipe": tuple(facts["recipe"]),
    }
    return Network(**{**facts, **made_of})
