"""One optimiser step on whichever backend Keras runs: the only file that knows their names."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Loss = Callable[..., Any]


class Step:
    """Minimise `loss(*arrays)` over `variables`; call it with NumPy arrays, get the loss back.

    `loss` is written in `keras.ops` and calls the models itself. `state` are further variables
    that it changes (moving means of batch norm) or only reads (frozen weights). With JAX the
    values live outside the variables between calls: `sync` writes them back, and must be called
    before variables are read. On the other backends it does nothing.
    """

    def __init__(
        self,
        loss: Loss,
        variables: Sequence[keras.Variable],
        optimizer: keras.optimizers.Optimizer,
        state: Sequence[keras.Variable] = (),
        compiled: bool = False,
    ):
        self.optimizer = optimizer
        self.variables = list(variables)
        self.state = list(state)
        optimizer.build(self.variables)
        backend = keras.backend.backend()
        makers = {"tensorflow": self._tensorflow, "jax": self._jax, "torch": self._torch}
        if backend not in makers:
            raise RuntimeError(f"training does not know Keras backend {backend!r}")
        self.sync: Callable[[], None] = lambda: None
        self._run = makers[backend](loss, compiled)

    def __call__(self, *arrays: np.ndarray) -> Any:
        return self._run(*arrays)

    def _tensorflow(self, loss: Loss, compiled: bool) -> Callable[..., Any]:
        import tensorflow as tf

        tensors = [v.value for v in self.variables]

        @tf.function(jit_compile=compiled or None)
        def run(*batch):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(tensors)
                value = loss(*batch)
            self.optimizer.apply(tape.gradient(value, tensors), self.variables)
            return value

        return lambda *arrays: run(*(tf.convert_to_tensor(a) for a in arrays))

    def _torch(self, loss: Loss, compiled: bool) -> Callable[..., Any]:
        import torch

        tensors = [v.value for v in self.variables]
        del compiled  # torch.compile needs a C++ compiler at run time: not asked of anyone

        def run(*arrays):
            value = loss(*(keras.ops.convert_to_tensor(a) for a in arrays))
            gradients = torch.autograd.grad(value, tensors)
            with torch.no_grad():
                self.optimizer.apply(list(gradients), self.variables)
            return value.detach()

        return run

    def _jax(self, loss: Loss, compiled: bool) -> Callable[..., Any]:
        import jax

        del compiled  # JAX always compiles
        optimizer = self.optimizer

        def scoped(trained, state, batch):
            mapping = [*zip(self.variables, trained, strict=True)]
            mapping += zip(self.state, state, strict=True)
            with keras.StatelessScope(state_mapping=mapping) as scope:
                value = loss(*batch)
            return value, [scope.get_current_value(v) for v in self.state]

        def step(trained, state, internal, batch):
            (value, state), gradients = jax.value_and_grad(scoped, has_aux=True)(
                trained, state, batch
            )
            trained, internal = optimizer.stateless_apply(internal, gradients, trained)
            return value, trained, state, internal

        rate = next(i for i, v in enumerate(optimizer.variables) if v is optimizer.learning_rate)
        jitted = jax.jit(step, donate_argnums=(0, 2))
        held: dict[str, Any] = {}

        def sync() -> None:
            if not held:
                return
            for name, variables in (
                ("trained", self.variables),
                ("state", self.state),
                ("internal", optimizer.variables),
            ):
                for variable, value in zip(variables, held[name], strict=True):
                    variable.assign(value)
            held.clear()

        def run(*arrays):
            if not held:
                # copied, because the step gives its inputs' memory away
                held["trained"] = [jax.numpy.array(v.value) for v in self.variables]
                held["state"] = [v.value for v in self.state]
                held["internal"] = [jax.numpy.array(v.value) for v in optimizer.variables]
            held["internal"][rate] = jax.numpy.array(optimizer.learning_rate.value)
            value, held["trained"], held["state"], held["internal"] = jitted(
                held["trained"], held["state"], held["internal"], list(arrays)
            )
            return value

        self.sync = sync
        return run
