"""The kernels as plain Python: with NUMBA_DISABLE_JIT=1 both backends give the very states of the compiled ones."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib
import numpy as np
from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

edges = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)]
instance = IsingInstance.from_edges(5, edges, [1.0, -1.0, 2.0, -1.0, 1.0, 1.0], [0.0, 1.0, 0.0, -1.0, 0.0])
schedule, recording = Schedule(((0.2, 2), (0.7, 2))), Recording(every=2)
for sampler in (ReferenceSampler(), ReferenceSampler("float64"), BitSlicedSampler()):
    samples = sampler.sample(instance, schedule, 83, 9, recording, clamps=[0, 0, 1, 0, 0])
    parts = [samples.spins, samples.energies, samples.spin_means, samples.edge_means, samples.magnetizations]
    print(hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest())
"""


def hashes(disable_jit):
    """Return one hash for each backend; warnings are errors."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": disable_jit}
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


@pytest.mark.promise("house.no-jit")
@pytest.mark.slow
def test_plain_python_gives_the_compiled_states():
    plain, compiled = hashes("1"), hashes("0")
    assert plain == compiled
    assert len(set(plain)) == 3
