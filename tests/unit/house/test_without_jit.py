"""Kernels answer the same whether numba compiles them or Python runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = Path(__file__).with_name("kernel_probe.py")


def answers(disable_jit):
    """Return the probe's answers."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": disable_jit}
    done = subprocess.run([sys.executable, PROBE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def differences(plain, compiled, path=""):
    """Return where two answers differ: digests exactly, numbers by more than 1e-12 of their size."""
    if isinstance(compiled, dict):
        assert plain.keys() == compiled.keys()
        return [line for key in compiled for line in differences(plain[key], compiled[key], f"{path}/{key}")]
    same = plain == (pytest.approx(compiled, rel=1e-12) if isinstance(compiled, list) else compiled)
    return [] if same else [path]


@pytest.mark.promise("house.no-jit")
def test_kernels_answer_the_same_without_compilation():
    compiled, plain = answers("0"), answers("1")
    assert differences(plain, compiled) == []
    assert differences(plain | {"float32": "?"}, compiled) == ["/float32"]
    assert differences(plain | {"enumeration": [0.1] * 64}, compiled) == ["/enumeration"]


def test_probe_tells_sources_apart():
    found = answers("1")
    states = [entry["golden"] for entry in found.values() if isinstance(entry, dict)]
    assert len(set(states)) == len(states) == 3
