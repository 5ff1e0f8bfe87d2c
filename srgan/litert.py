"""LiteRT with XNNPACK on the processor.

Through its newer interface, because the older one, `Interpreter`, has no way to ask that the
convolutions share one table of pointers to their inputs. With a table each, 72 bytes a pixel for
3 × 3, a network takes more than twice the memory: see docs/speed.md.
"""

import threading
import weakref
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from srgan.errors import NetworkUnavailable, NotEnoughMemory
from srgan.quiet import hush_exit, hushed
from srgan.tiling import Plan, cut, merge, plan_tiles
from srgan.zoo import Network, Tail

# XNNPACK's delegate flags: transient indirection buffers, and convolutions of bytes, which without
# it are left to LiteRT's own and slower ones
_ONE_TABLE, _INT8 = 0x20, 0x01

_ALIGNMENT = 64  # bytes, of LiteRT's buffers


class LiteRTEngine:
    """Implements `srgan.inference.Engine`: windows one after another, on all threads each.

    Not safe across a fork (tensorflow#26365, #49266). `seconds` is the time spent in LiteRT's own
    calls so far, by all networks.
    """

    batch = 1

    def __init__(self, threads: int):
        self.seconds = 0.0
        self._threads = threads
        self._compiled: dict[str, _Compiled] = {}
        self._lock = threading.Lock()

    def load(self, network: Network) -> None:
        """As in `srgan.inference.Engine`."""
        with self._lock:
            self._ready(network)

    def run(self, network: Network, windows: np.ndarray) -> np.ndarray:
        """As in `srgan.inference.Engine`."""
        with self._lock:
            compiled = self._ready(network)
            before = compiled.seconds
            try:
                results = [_through(compiled, network, window) for window in windows]
            except NotEnoughMemory:
                self._compiled.clear()  # which gives memory back; a failed one must not run again
                raise
            self.seconds += compiled.seconds - before
        return results[0][np.newaxis] if len(results) == 1 else np.stack(results)

    def _ready(self, network: Network) -> "_Compiled":
        if network.name not in self._compiled:
            self._compiled[network.name] = _Compiled(network, self._threads)
        return self._compiled[network.name]


def _through(compiled: "_Compiled", network: Network, window: np.ndarray) -> np.ndarray:
    """One window (H, W, 3) through the whole network, its tail in parts if it has one."""
    tail = network.tail
    if tail is None:
        return compiled.run(0, window)
    maps = compiled.run(compiled.signatures["body"], window)
    height, width = window.shape[:2]
    result = np.empty((height * network.scale, width * network.scale, 3), np.float32)
    plan = tail_plan(tail, (width, height))
    for tile in plan:
        # without a name, it is not kept in memory while the next part is made
        merge(
            result,
            tile,
            compiled.run(compiled.signatures["tail"], cut(maps, tile, plan.window)),
            network.scale,
        )
    return result


def tail_plan(tail: Tail, window: tuple[int, int]) -> Plan:
    """The parts of a window of (width, height) in which a network's tail runs."""
    return plan_tiles(window, (tail.window, tail.window), tail.context)


class _Compiled:
    """One network's file, ready to run."""

    def __init__(self, network: Network, threads: int):
        from ai_edge_litert.compiled_model import CompiledModel
        from ai_edge_litert.cpu_options import CpuOptions
        from ai_edge_litert.environment import Environment
        from ai_edge_litert.hardware_accelerator import HardwareAccelerator
        from ai_edge_litert.options import Options

        self._content = network.read()  # LiteRT reads the weights where they lie
        self.seconds = 0.0  # in LiteRT's own calls
        self._held: list[Any] = []
        self._shapes: dict[int, tuple[int, ...]] = {}
        options = Options(
            hardware_accelerators=HardwareAccelerator.CPU,
            cpu_options=CpuOptions(num_threads=threads, xnnpack_flags=_ONE_TABLE | _INT8),
        )
        hush_exit()
        try:
            with hushed():
                environment = Environment.create(options=_no_accelerators())
                model = CompiledModel.from_buffer(
                    self._content, environment=environment, options=options
                )
                # the first of all writes talks, too
                model.create_input_buffers(0)[0].write(np.zeros(3, np.float32))
            self._held += [model, environment]
            weakref.finalize(self, _let_go, self._held)
            self.signatures = {
                key: model.get_signature_index(key) for key in model.get_signature_list()
            }
            if network.tail is not None and not {"body", "tail"} <= set(self.signatures):
                raise RuntimeError("it has no body and tail")
        except RuntimeError as error:
            raise NetworkUnavailable(
                f"The network {network.name} in {network.folder / network.file} cannot be used by "
                f"this version of LiteRT ({error})."
            ) from error

    def run(self, signature: int, pixels: np.ndarray) -> np.ndarray:
        """float32 (H, W, C) -> float32 (H', W', C'). Raises NotEnoughMemory."""
        from ai_edge_litert.tensor_buffer import TensorBuffer

        model = self._held[0]
        try:
            if self._shapes.get(signature) != pixels.shape:
                model.resize_input_tensor(0, (1, *pixels.shape), signature)
                self._shapes[signature] = pixels.shape
            # Kept from one window to the next, they would add to what other networks need.
            given = model.create_input_buffers(signature)
            given[0].write(pixels)
            values = _aligned(self._output_shape(signature))
            made = [TensorBuffer.create_from_host_memory(values)]
            started = perf_counter()
            model.run_by_index(signature, given, made)
            self.seconds += perf_counter() - started
        except (RuntimeError, MemoryError) as error:
            # Shapes and types are right, so only memory can be missing.
            height, width = pixels.shape[:2]
            raise NotEnoughMemory(
                f"There is not enough memory for a window of {width} × {height} pixels "
                f"({(str(error).splitlines() or ['out of memory'])[-1].lstrip('└ ')})."
            ) from error
        return values

    def _output_shape(self, signature: int) -> tuple[int, ...]:
        key = next(key for key, index in self.signatures.items() if index == signature)
        (details,) = self._held[0].get_output_tensor_details(key).values()
        return tuple(details["shape"])[1:]


def _aligned(shape: tuple[int, ...]) -> np.ndarray:
    """An array of float32 that LiteRT can write to, which saves a copy and memory of its own."""
    size, item = int(np.prod(shape)), np.dtype(np.float32).itemsize
    room = np.empty(size + _ALIGNMENT // item, np.float32)
    first = -room.ctypes.data % _ALIGNMENT // item
    return room[first : first + size].reshape(shape)


def _no_accelerators() -> Any:
    """Where LiteRT is to look for plug-ins of GPU and NPU makers: where there are none."""
    from ai_edge_litert.environment import EnvironmentOptions

    nowhere = str(Path(__file__).parent)
    return EnvironmentOptions(nowhere, nowhere, nowhere)


def _let_go(held: list[Any]) -> None:
    with hushed():
        held.clear()
