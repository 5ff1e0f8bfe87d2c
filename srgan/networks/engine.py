"""The TensorFlow engine: the Keras definitions with the shipped training weights."""

import threading
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from srgan.networks import BUILDERS
from srgan.zoo import Network


class TensorFlowEngine:
    """Implements `srgan.inference.Engine`."""

    def __init__(self, threads: int | None = None):
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError("the TensorFlow engine needs KERAS_BACKEND=tensorflow")
        if threads is not None:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        self._functions: dict[str, Any] = {}
        self._lock = threading.Lock()

    def load(self, network: Network) -> None:
        """As in `srgan.inference.Engine`."""
        with self._lock:
            self._ready(network)

    def run(self, network: Network, pixels: np.ndarray) -> np.ndarray:
        """As in `srgan.inference.Engine`."""
        with self._lock:
            result: np.ndarray = self._ready(network)(pixels[np.newaxis]).numpy()
        return result[0]

    def _ready(self, network: Network) -> Any:
        if network.name not in self._functions:
            model: keras.Model = BUILDERS[network.architecture]()
            model.load_weights(network.training_weights())
            signature = [tf.TensorSpec((1, None, None, 3), tf.float32)]

            @tf.function(input_signature=signature)
            def forward(pixels):
                return model(pixels, training=False)

            self._functions[network.name] = forward
        return self._functions[network.name]
