"""Every method answers the same whether numba compiles its kernels or Python runs them."""

import os
import subprocess
import sys

import pytest

PROBE = """
import hashlib
from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate
glass = generate("planted", L=3, dim=2, density=0.5, seed=0)
ladder = {"betas": [0.3, 1.0], "n_replicas": 2}
methods = {"sa": {"betas": [0.3, 1.0]}, "sqa": {"n_replicas": 4}, "apt": ladder, "pa": {"betas": [0.3, 1.0]}}
for engine in ("plain", "packed"):
    for method, settings in list(methods.items())[: 4 if engine == "plain" else 3]:
        found = anneal(glass, method, 2, n_runs=3, options=AnnealOptions(engine=engine), **settings)
        print(method, engine, hashlib.sha256(found.run_spins.tobytes() + found.current.tobytes()).hexdigest())
"""


def answers(disable_jit):
    """Return what the probe prints; plain Python warns where a word wraps, as it shall."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": disable_jit}
    command = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", PROBE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.promise("anneal.methods")
@pytest.mark.slow
def test_kernels_answer_the_same_without_compilation():
    plain, compiled = answers("1"), answers("0")
    assert plain == compiled
    assert len(set(plain)) == 7
