"""Run exported networks on windows of pixels.

An engine has two methods, `load` and `run`. LiteRT serves on a CPU; TensorFlow, on the same
training weights, where there is a GPU or to check the other.
"""

import importlib
import os
from typing import Protocol

import numpy as np

from srgan.cores import cores
from srgan.errors import BadOption, NetworkUnavailable
from srgan.zoo import Network

ENGINES = ("litert", "tensorflow")


class Engine(Protocol):
    """What runs networks. Safe to use from several threads, which then take turns.

    batch: how many windows of one shape it is best given at a time.
    """

    batch: int

    def load(self, network: Network) -> None:
        """Make `network` ready to run. Raises NetworkUnavailable if its file is not right."""

    def run(self, network: Network, windows: np.ndarray) -> np.ndarray:
        """Run windows: float32 (N, H, W, 3), pixel values 0..255 -> float32, not clipped.

        The result is (N, scale·H, scale·W, 3) for a generator and (N, H, W, 3) for an
        autoencoder, and the caller's own. Loads the network first where that has not been done.
        Raises NotEnoughMemory, after which smaller windows may still go through.
        """


def make_engine(name: str | None = None, threads: int | None = None) -> Engine:
    """The engine `name` (default: SRGAN_ENGINE, else litert) with `threads` (default: all cores).

    Raises BadOption for an unknown name and NetworkUnavailable where it is not installed.
    """
    name = name or os.environ.get("SRGAN_ENGINE") or ENGINES[0]
    if name not in ENGINES:
        raise BadOption(f"There is no engine {name!r}. There are: {', '.join(ENGINES)}.")
    if threads is not None and threads < 1:
        raise BadOption(f"The number of threads must be 1 or more, not {threads}.")
    if name == "litert":
        from srgan.litert import LiteRTEngine

        return LiteRTEngine(threads or cores())
    try:
        # by name, because the core may not depend on TensorFlow
        module = importlib.import_module("srgan.networks.engine")
    except ImportError as error:
        raise NetworkUnavailable(
            "The TensorFlow engine needs TensorFlow, which is not installed: "
            "pip install tensorflow-cpu, or use the engine litert."
        ) from error
    engine: Engine = module.TensorFlowEngine(threads)
    return engine
