"""Classical Heisenberg magnet: closed form of the chain, what moves must keep, and spin waves on 100 x 100."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.nqs.classical import _neighbors, chain_energy, energy_per_site, overrelax, simulate
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.workload_row import mean_of_blocks


@pytest.mark.promise("nqs.classical")
@pytest.mark.parametrize("beta", [0.5, 2.0, 4.0])
def test_chain_has_its_closed_form(beta):
    """A temperature that is 5 % off is rejected at each of them."""
    value, error = mean_of_blocks(simulate(Lattice((200,)), beta, 4000, 2).energies, 40)
    assert error < 1e-3
    assert abs(value - chain_energy(beta)) < 4.5 * error
    assert abs(value - chain_energy(1.05 * beta)) > 4.5 * error


def test_overrelaxation_keeps_energy_and_length():
    lattice = Lattice((8, 8))
    spins = simulate(lattice, 1.0, 1, 3, burn_in=5).spins
    neighbors = _neighbors(lattice)
    before, kept = energy_per_site(spins, neighbors), spins.copy()
    overrelax(spins, neighbors, np.arange(64))
    assert energy_per_site(spins, neighbors) == pytest.approx(before, abs=1e-12)
    assert np.linalg.norm(spins, axis=1) == pytest.approx(np.ones(64), abs=1e-12)
    assert np.abs(spins - kept).max() > 0.1


def test_neighbors_are_those_of_the_torus():
    lattice = Lattice((4, 6))
    coordinates = lattice.coordinates
    for i, row in enumerate(_neighbors(lattice)):
        steps = (coordinates[row] - coordinates[i] + np.array([1, 1])) % np.array([4, 6])
        assert sorted(map(tuple, steps.tolist())) == [(0, 1), (1, 0), (1, 2), (2, 1)]


@pytest.mark.promise("nqs.classical")
def test_hundred_by_hundred_follows_spin_waves():
    run = simulate(Lattice((100, 100)), 20.0, 90, 1, burn_in=150)
    value, error = mean_of_blocks(run.energies)
    assert abs(value - (-2.0 + 0.05)) < 0.25 * 0.05**2 + 4.5 * error
    assert 0.9 < run.staggered.mean() < 1.0  # a finite square is ordered on its own scale


def test_bad_temperature_is_refused():
    with pytest.raises(InputError, match="Inverse temperature must be above 0"):
        simulate(Lattice((4,)), 0.0, 1, 1)
