"""The arithmetic of the Gibbs benchmark, on runs whose times are known; no speed is asserted."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.benchmarks import gibbs, interleave, peers
from spinchip.benchmarks.documents.gibbs import table
from spinchip.benchmarks.interleave import Contender, Speed
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.enumeration import boltzmann_answer, state_energies


def test_speed_leaves_set_up_out():
    speed = Speed(updates=600, short_s=(1.0, 1.5, 1.0), long_s=(4.0, 3.5, 3.0))
    assert speed.best == 600 / (3.0 - 1.0)
    assert speed.rounds.tolist() == [200.0, 300.0, 300.0]
    assert speed.median == 300.0


def test_rounds_take_turns(monkeypatch):
    """A clock that counts sweeps: a contender of one sweep a second and a set-up of ten seconds."""
    order = []

    def contender(name):
        return Contender(name, "", 5, lambda n_sweeps, seed: order.append((name, n_sweeps, seed)))

    def clock(one, n_sweeps, seed):
        one.run(n_sweeps, seed)
        return 10.0 + n_sweeps

    monkeypatch.setattr(interleave, "cpu_seconds", clock)
    speeds = interleave.interleave([contender("a"), contender("b")], n_rounds=2, seconds=9.0)
    assert [speed.best for speed in speeds.values()] == [5.0, 5.0]
    timed = [entry[::2] for entry in order if entry[2] >= 2]
    assert timed == [(name, seed) for seed in (2, 3) for name in "aabb"]


def test_absent_peer_is_listed(monkeypatch):
    monkeypatch.setattr(peers, "version_of", lambda package: None)
    assert peers.find_peers(None, 0.5) == ([], list(peers.PEERS))


@pytest.mark.parametrize("make", [make for makers in peers.PEERS.values() for make in makers], ids=lambda f: f.__name__)
def test_peer_samples_the_instance(make):
    """Couplings, biases and beta: the mean energy of a small magnet, against that of broken ones.

    The last energies of independent chains are independent; n follows from the smallest of the three shifts.
    """
    package = next(name for name, makers in peers.PEERS.items() if make in makers)
    if peers.version_of(package) is None:
        pytest.skip(f"{package} is not installed")
    magnet, beta = generate("ferromagnet2d", L=4, h=0.5), 0.2
    right = boltzmann_answer(magnet, beta)
    broken = [replace(magnet, couplings=-magnet.couplings), replace(magnet, biases=0 * magnet.biases)]
    wrong = [boltzmann_answer(other, beta).law @ state_energies(other) for other in broken]
    wrong.append(boltzmann_answer(magnet, 0.8 * beta).moments.mean_energy)
    spread = np.sqrt(right.heat_capacity) / beta
    n = int(np.ceil((9 * spread / np.abs(np.array(wrong) - right.moments.mean_energy).min()) ** 2))
    contender, energies = make(magnet, beta), []
    while len(energies) < n:
        energies.extend(contender.run(100, 1 + len(energies)))
    off = np.mean(energies) - np.array([right.moments.mean_energy, *wrong])
    z = np.abs(off) / (spread / np.sqrt(len(energies)))
    assert z[0] < 4.5, f"{z=} {n=}"
    assert (z[1:] > 4.5).all(), f"{z=} {n=}"


def test_table_shows_what_rows_say():
    fast, slow = Speed(1000, (1.0,), (2.0,)), Speed(100, (1.0,), (2.0,))
    rows = [
        gibbs.speed_row("peer", slow, "one read", (-1.5, 0.03)),
        {"name": "other", "value": None, "unit": gibbs.UNIT, "peer": None, "ratio": None, "mode": "absent"},
        gibbs.speed_row("spinchip bit-sliced", fast, "512 chains", (-1.54, 0.04), ("peer", slow)),
        {"name": "float32, 8 spins", "value": 0.5, "unit": "ns/update/core", "peer": "8 spins", "ratio": 1.0},
    ]
    text = table(rows)
    assert "| peer | one read | 100 | 100 |  | -1.5000 +- 0.0300 | +0.8 |" in text
    assert "| other | absent | | | | | |" in text
    assert "| spinchip bit-sliced | 512 chains | 1e+03 | 1e+03 | 10.0 (10.0) | -1.5400 +- 0.0400 |  |" in text
    assert "| float32, 8 spins | 0.5 | ns/update/core | 1.00 |" in text
