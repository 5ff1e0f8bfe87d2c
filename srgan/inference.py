"""Run exported networks on windows of pixels.

An engine has two methods, `load` and `run`. LiteRT serves on a CPU; TensorFlow, on the same
training weights, where there is a GPU or to check the other.
"""

import importlib
import os
import threading
from typing import Protocol

import numpy as np

from srgan.errors import BadOption, NetworkUnavailable
from srgan.zoo import Network

ENGINES = ("litert", "tensorflow")


class Engine(Protocol):
    """What runs networks. Safe to use from several threads: one window runs at a time."""

    def load(self, network: Network) -> None:
        """Make `network` ready to run. Raises NetworkUnavailable if its file is not right."""

    def run(self, network: Network, pixels: np.ndarray) -> np.ndarray:
        """Run one window: float32 (H, W, 3), pixel values 0..255 -> float32, not clipped.

        The result is (scale·H, scale·W, 3) for a generator and (H, W, 3) for an autoencoder. It
        is the caller's own. Loads the network first where that has not been done.
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


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LiteRTEngine:
    """LiteRT with XNNPACK: one interpreter a network, which a lock keeps to one thread at a time.

    An interpreter is not safe for several threads, nor across a fork (tensorflow#26365, #49266).
    """

    def __init__(self, threads: int):
        self._threads = threads
        self._interpreters: dict[str, _Interpreter] = {}
        self._lock = threading.Lock()

    def load(self, network: Network) -> None:
        with self._lock:
            self._ready(network)

    def run(self, network: Network, pixels: np.ndarray) -> np.ndarray:
        with self._lock:
            return self._ready(network).run(pixels)

    def _ready(self, network: Network) -> "_Interpreter":
        interpreter = self._interpreters.get(network.name)
        if interpreter is None:
            interpreter = _Interpreter(network, self._threads)
            self._interpreters[network.name] = interpreter
        return interpreter


class _Interpreter:
    def __init__(self, network: Network, threads: int):
        content = network.read()
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._input = self._interpreter.get_input_details()[0]["index"]
            self._output = self._interpreter.get_output_details()[0]["index"]
        except (ValueError, RuntimeError, IndexError) as error:
            raise NetworkUnavailable(
                f"The network {network.name} in {network.folder / network.file} cannot be used by "
                f"this version of LiteRT ({error})."
            ) from error
        self._shape: tuple[int, ...] | None = None

    def run(self, pixels: np.ndarray) -> np.ndarray:
        if pixels.shape != self._shape:
            self._shape = None
            self._interpreter.resize_tensor_input(self._input, (1, *pixels.shape))
            self._interpreter.allocate_tensors()
            self._shape = pixels.shape
        self._interpreter.set_tensor(self._input, pixels[np.newaxis])
        self._interpreter.invoke()
        result: np.ndarray = self._interpreter.get_tensor(self._output)
        return result[0]
