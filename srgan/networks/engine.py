"""The TensorFlow engine: the Keras definitions with the shipped training weights."""

import threading
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from srgan.errors import NotEnoughMemory
from srgan.networks import BUILDERS
from srgan.zoo import Network

GPU_BATCH = 8  # windows at a time on a GPU, which smaller batches do not fill


class TensorFlowEngine:
    """Implements `srgan.inference.Engine`: on a GPU, if there is one, in large batches.

    half: compute in half precision but for the first and last steps, which stay in float32. By
    default where there is a GPU, whose matrix units are several times faster that way.
    """

    def __init__(self, threads: int | None = None, *, half: bool | None = None):
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError("the TensorFlow engine needs KERAS_BACKEND=tensorflow")
        if threads is not None:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        gpu = bool(tf.config.list_physical_devices("GPU"))
        self.batch = GPU_BATCH if gpu else 1
        self._policy = "mixed_float16" if (gpu if half is None else half) else "float32"
        self._functions: dict[str, Any] = {}
        self._lock = threading.Lock()

    def load(self, network: Network) -> None:
        """As in `srgan.inference.Engine`."""
        with self._lock:
            self._ready(network)

    def run(self, network: Network, windows: np.ndarray) -> np.ndarray:
        """As in `srgan.inference.Engine`."""
        try:
            with self._lock:
                result: np.ndarray = self._ready(network)(windows).numpy()
        except tf.errors.ResourceExhaustedError as error:
            height, width = windows.shape[1:3]
            raise NotEnoughMemory(
                f"There is not enough memory for {len(windows)} windows of {width} × {height} "
                "pixels. Please close other programs, or take a smaller picture."
            ) from error
        return result

    def _ready(self, network: Network) -> Any:
        if network.name not in self._functions:
            model = self._model(network)
            signature = [tf.TensorSpec((None, None, None, 3), tf.float32)]

            @tf.function(input_signature=signature)
            def forward(pixels):
                return model(pixels, training=False)

            self._functions[network.name] = forward
        return self._functions[network.name]

    def _model(self, network: Network) -> keras.Model:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self._policy)
        try:
            model: keras.Model = BUILDERS[network.architecture]()
        finally:
            keras.config.set_dtype_policy(before)
        model.load_weights(network.training_weights())
        return model
