import subprocess
import sys

import numpy as np
import pytest

from srgan.evaluation import machine


def test_the_rate_counts_two_operations_for_each_multiply_add(monkeypatch):
    clock = iter(range(0, 1000, 5))
    monkeypatch.setattr(machine, "perf_counter", lambda: float(next(clock)))
    assert machine.matrix_product_rate(size=10, rounds=3) == pytest.approx(2 * 10**3 / 5 / 1e9)


def test_the_machine_is_described():
    described = machine.describe()
    assert described.processor
    assert described.cores >= 1
    assert described.gflops > 0


def test_the_peak_remembers_what_was_freed():
    before = machine.peak_memory()
    block = np.ones(before + 50_000_000, np.uint8)
    del block
    assert machine.peak_memory() >= before + 50_000_000


def test_the_peak_is_the_processes_own():
    """What the process that started it had does not count."""
    block = np.ones(400_000_000, np.uint8)
    code = "from srgan.evaluation.machine import peak_memory; print(peak_memory())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(child.stdout) < block.nbytes
