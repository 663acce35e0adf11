"""The entry: planted ground states are found, answers are of the original instance, bad arguments are refused."""

import re

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.errors import InputError

LADDER = (0.2, 0.35, 0.5, 0.7, 0.95, 1.3, 1.8, 2.5)
SETTINGS = {
    "sa": {"betas": np.linspace(0.1, 3, 200)},
    "sqa": {"n_replicas": 12, "beta": 1.0},
    "apt": {"betas": LADDER},
    "pa": {"betas": np.linspace(0.1, 3, 60), "population": 40},
}


@pytest.fixture(scope="module")
def glass():
    return generate("planted", L=4, density=0.6, seed=5)


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("method", SETTINGS)
def test_planted_ground_state_is_found(glass, method):
    found = anneal(glass, method, 200, n_runs=4, seed=3, **SETTINGS[method])
    assert found.energy == glass.provenance["ground_energy"] == glass.energies(found.spins)
    assert np.array_equal(glass.energies(found.run_spins), found.run_energies)
    assert np.all(found.best <= found.current)
    assert np.all(np.diff(found.best, axis=1) <= 0)
    assert np.array_equal(found.best[:, -1], found.run_energies)


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("method", ["sa", "sqa", "apt"])
def test_planted_ground_state_is_found_in_bits(planted, method):
    found = anneal(planted, method, 200, n_runs=64, seed=3, options=AnnealOptions(engine="packed"), **SETTINGS[method])
    assert found.energy == planted.provenance["ground_energy"] == planted.energies(found.spins)
    assert np.array_equal(planted.energies(found.run_spins), found.run_energies)
    assert np.array_equal(found.best[:, -1], found.run_energies)


REFUSED = [
    (("tabu", 10), {}, "Method must be one of sa, sqa, apt, pa, not 'tabu'"),
    (("sa", 10), {"beta": 1, "betas": [1]}, "Settings of sa must be among betas, not beta"),
    (("apt", 10), {}, "Settings of apt must give betas"),
    (("sa", 0), {"betas": [1]}, "Sweeps must be a whole number of at least 1, not 0"),
    (("sa", 2), {"betas": [1, 2, 3]}, "Betas must be at most one a sweep (2), not 3"),
    (("sa", 2), {"betas": []}, "Betas must be one number or more, not none"),
    (("sa", 2), {"betas": [np.nan]}, "Betas must be finite and 0 or more, not nan"),
    (("sa", 2), {"betas": 3}, "Betas must be a list of numbers, not 3"),
    (("apt", 2), {"betas": [1, 1]}, "Betas of a tempering must be two or more, rising, not (1.0, 1.0)"),
    (("apt", 2), {"betas": [1, 2], "n_replicas": 3}, "Replicas of a beta must be even for cluster moves, not 3"),
    (("sqa", 2), {"n_replicas": 2}, "Trotter replicas must be a whole number of at least 3, not 2"),
    (("sqa", 2), {"gammas": [1, 0]}, "Transverse fields must be finite and above 0, not 0.0"),
    (("sqa", 2), {"beta": -1}, "Beta of a Trotter replica must be finite and above 0, not -1"),
    (("pa", 2), {"betas": [2, 1]}, "Betas of a population must never fall, not (2.0, 1.0)"),
]


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize(("arguments", "settings", "text"), REFUSED, ids=[case[-1][:40] for case in REFUSED])
def test_bad_argument_is_refused(glass, arguments, settings, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        anneal(glass, *arguments, **settings)


@pytest.mark.promise("anneal.methods")
def test_bad_option_is_refused(glass):
    with pytest.raises(InputError, match=r"^Engine must be one of auto, plain, packed, not 'gpu'$"):
        AnnealOptions(engine="gpu")
    with pytest.raises(InputError, match=r"^Recorded sweeps must rise and be at most 5, not \(3, 9\)$"):
        anneal(glass, "sa", 5, options=AnnealOptions(record_at=(3, 9)), betas=[1])
