"""Junction kernels answer the same whether numba compiles them or Python runs them."""

import json
import os
import subprocess
import sys

import pytest

PROBE = """
import json, warnings
warnings.simplefilter("ignore", RuntimeWarning)  # 64-bit words wrap, which plain Python's numpy mentions
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.macrospin import MacrospinEnsemble
from spinchip.emulator.devices.junction.magnet import Magnet
from spinchip.emulator.devices.junction.telegraph import run_events, sample_at
card = SmtjCard(1e-9, 2.0)
log = run_events(card, [[0.1], [-0.2]], [0, 1e-7, 2e-7], 5, n_devices=3)
states = sample_at(card, 0.1, [1e-8, 2e-8, 5e-8], 5, n_devices=9)
magnet = Magnet(1.1e6, 1e-25, 0.2, (0.0, 0.0, 0.05))
ensemble = MacrospinEnsemble(magnet, 5, 5, field_T=0.01, torque_T=1e-3)
seconds, flips = ensemble.watch(400)
print(json.dumps({"times": log.times_s.tolist(), "pointers": log.pointers.tolist(), "states": states.tolist(),
    "m": ensemble.advance(20).ravel().tolist(), "flips": flips.tolist()}))
"""


def answers(disable_jit):
    environment = {**os.environ, "NUMBA_DISABLE_JIT": disable_jit}
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_junction_kernels_answer_the_same_without_compilation():
    compiled, plain = answers("0"), answers("1")
    assert len(compiled["times"]) > 20
    assert sum(map(sum, compiled["flips"])) > 0
    for exact in ("pointers", "states", "flips"):
        assert plain[exact] == compiled[exact]
    for close in ("times", "m"):
        assert plain[close] == pytest.approx(compiled[close], rel=1e-9)
