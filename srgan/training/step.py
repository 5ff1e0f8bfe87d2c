"""One optimiser step on whichever backend Keras runs: the only file that knows their names."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Loss = Callable[..., Any]
# Gradients of a mean over millions of pixels are too small for half precision's exponents, and
# Adam does not see a constant factor. A thousand leaves as much room above as below.
HALF_SCALE = 1024.0
# by the variable's id: the variable, and its value while that lives outside
Held = dict[int, tuple[keras.Variable, Any]]


class Step:
    """Minimise `loss(*arrays)` over `variables`; call it with arrays, get what `loss` gives.

    `loss` is written in `keras.ops` and calls the models itself. It gives the scalar to minimise,
    or a tuple of that and further arrays, which come back detached and still on the device.
    `state` are further variables that it changes (moving means of batch norm) or only reads
    (frozen weights, another network). With `half`, for networks in float16, gradients are of
    1024 times the loss, and what is not finite in them counts as 0.

    With JAX the values live outside the variables between calls: `sync` writes them back, and
    must be called before variables are read. On the other backends it does nothing. Steps with
    variables in common must know of each other: all but the first name another as `beside`.
    """

    def __init__(
        self,
        loss: Loss,
        variables: Sequence[keras.Variable],
        optimizer: keras.optimizers.Optimizer,
        state: Sequence[keras.Variable] = (),
        compiled: bool = False,
        beside: "Step | None" = None,
        half: bool = False,
    ):
        self.scale = HALF_SCALE if half else 1.0
        self.held: Held = {} if beside is None else beside.held
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
                given = loss(*batch)
                value = self._minimised(given)
            self.optimizer.apply(self._whole(tape.gradient(value, tensors)), self.variables)
            return given

        return lambda *arrays: run(*(tf.convert_to_tensor(a) for a in arrays))

    def _torch(self, loss: Loss, compiled: bool) -> Callable[..., Any]:
        import torch

        tensors = [v.value for v in self.variables]
        del compiled  # torch.compile needs a C++ compiler at run time: not asked of anyone

        def run(*arrays):
            given = loss(*(keras.ops.convert_to_tensor(a) for a in arrays))
            gradients = torch.autograd.grad(self._minimised(given), tensors)
            with torch.no_grad():
                self.optimizer.apply(self._whole(gradients), self.variables)
            return keras.tree.map_structure(lambda tensor: tensor.detach(), given)

        return run

    def _jax(self, loss: Loss, compiled: bool) -> Callable[..., Any]:
        import jax

        del compiled  # JAX always compiles
        optimizer = self.optimizer

        def scoped(trained, state, batch):
            mapping = [*zip(self.variables, trained, strict=True)]
            mapping += zip(self.state, state, strict=True)
            with keras.StatelessScope(state_mapping=mapping) as scope:
                given = loss(*batch)
            return self._minimised(given), (given, [scope.get_current_value(v) for v in self.state])

        def step(trained, state, internal, batch):
            (_, (given, state)), gradients = jax.value_and_grad(scoped, has_aux=True)(
                trained, state, batch
            )
            trained, internal = optimizer.stateless_apply(internal, self._whole(gradients), trained)
            return given, trained, state, internal

        rate = next(i for i, v in enumerate(optimizer.variables) if v is optimizer.learning_rate)
        jitted = jax.jit(step, donate_argnums=(0, 2))
        groups = (self.variables, self.state, optimizer.variables)

        def hold(variables, values):
            for variable, value in zip(variables, values, strict=True):
                self.held[id(variable)] = (variable, value)

        def sync() -> None:
            for variable, value in self.held.values():
                variable.assign(value)
            self.held.clear()

        def run(*arrays):
            for variables in groups:
                for variable in variables:
                    if id(variable) not in self.held:
                        # copied, because a step gives its inputs' memory away
                        hold([variable], [jax.numpy.array(variable.value)])
            trained, state, internal = ([self.held[id(v)][1] for v in g] for g in groups)
            internal[rate] = jax.numpy.array(optimizer.learning_rate.value)
            given, *fresh = jitted(trained, state, internal, list(arrays))
            for variables, values in zip(groups, fresh, strict=True):
                hold(variables, values)
            return given

        self.sync = sync
        return run

    def _minimised(self, given: Any) -> Any:
        """The value to differentiate of what a loss gives."""
        value = given[0] if isinstance(given, tuple) else given
        return value if self.scale == 1 else value * self.scale

    def _whole(self, gradients: Sequence[Any]) -> list[Any]:
        if self.scale == 1:
            return list(gradients)
        return [keras.ops.nan_to_num(g, nan=0.0, posinf=0.0, neginf=0.0) for g in gradients]
