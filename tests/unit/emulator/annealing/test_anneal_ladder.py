"""The ladder follows the exact fluctuations of an enumerable glass."""

import re

import numpy as np
import pytest

from spinchip.emulator.annealing import ladder
from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.betas import default_betas
from spinchip.emulator.annealing.engines import BLOCK_COST, cost_in_plain_runs
from spinchip.emulator.annealing.ladder import adaptive_ladder
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance


@pytest.fixture(scope="module")
def ring():
    """Return ten spins on a ring with chords; its chains mix in some sweeps at every beta of the ladder."""
    edges = [(i, (i + 1) % 10) for i in range(10)] + [(0, 5), (2, 7)]
    return IsingInstance.from_edges(10, edges, [1.0] * 12, [0.5] * 10)


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("scale", [1.0, np.pi])  # packed and plain kernels
def test_sigma_is_that_of_the_law_and_steps_follow_the_rule(laws, ring, scale):
    instance = IsingInstance(scale * ring.couplings, scale * ring.biases)
    ladder = adaptive_ladder(instance, alpha=0.5, first=0.2 / scale, n_sweeps=4000, seed=3)
    assert np.allclose(np.diff(ladder.betas), 0.5 / np.array(ladder.sigmas[:-1]), rtol=1e-12)
    energies = instance.energies(laws.all_states(10))
    # 800 records of 16 chains or more; tau_int of a few records leaves about 1 % of sigma, and the control is 10 % off.
    rungs = list(zip(ladder.betas, ladder.sigmas, strict=True))[:6]
    for beta, sigma in rungs:
        law = laws.boltzmann(instance, beta)
        exact = np.sqrt(law @ energies**2 - (law @ energies) ** 2)
        assert abs(sigma / exact - 1) < 0.05
        assert abs(sigma / (1.1 * exact) - 1) > 0.05
    products = np.array(ladder.betas) * np.array(ladder.sigmas)
    assert products[-1] < min(1, products[-2])
    assert np.all((products[1:-1] >= 1) | (products[1:-1] >= products[:-2]))


def test_published_glass_gets_the_published_first_beta():
    glass = generate("ea3d", L=8, boundary="xy-open", seed=1)
    ladder = adaptive_ladder(glass, n_sweeps=20)
    assert abs(ladder.betas[0] - 0.5) < 0.003


REFUSED = [
    ({"alpha": 0}, "Step of the ladder must be finite and above 0, not 0"),
    ({"first": -1.0}, "First beta must be finite and above 0, not -1.0"),
    ({"first": 50.0}, "First beta must leave the energy some fluctuation, not 50.0"),
    ({"n_sweeps": 4}, "Sweeps at each beta must be a whole number of at least 5, not 4"),
]


@pytest.mark.parametrize(("arguments", "text"), REFUSED)
def test_bad_ladder_is_refused(ring, arguments, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        adaptive_ladder(ring, **arguments)


def test_empty_instance_has_no_ladder():
    with pytest.raises(InputError, match="^Instance must have a coupling or a bias for a ladder, not none$"):
        adaptive_ladder(IsingInstance(np.zeros((3, 3)), np.zeros(3)))


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("scale", [1.0, np.pi])  # packed and plain kernels
@pytest.mark.parametrize(("sweeps", "n_runs"), [(1, 1), (100, 2), (1000, 16), (1000, 512), (10**6, 512)])
def test_cost_of_a_ladder_follows_what_is_asked(monkeypatch, scale, sweeps, n_runs):
    """A tenth of the updates at each beta, in plain runs, or the floor: ten sweeps and ten more on a few chains."""
    glass, asked = generate("ea3d", L=4, seed=1), []
    instance = IsingInstance(scale * glass.couplings, glass.biases)

    def spy(instance, n_sweeps, seed, n_chains):
        asked.append((n_sweeps, n_chains))
        return ladder.Ladder((1.0 / scale, 2.0 / scale), (1.0, 1.0))

    monkeypatch.setattr(ladder, "adaptive_ladder", spy)
    assert ladder.search_betas(instance, "apt", sweeps, n_runs)[0] == 1.0 / scale
    ((n_sweeps, n_chains),) = asked
    runs = cost_in_plain_runs(n_runs, scale == 1.0)
    floor = 2 * ladder.FEWEST * (BLOCK_COST if scale == 1.0 else 2)
    assert 2 * n_sweeps * n_chains <= max(ladder.SHARE * 4 * sweeps * runs, floor)
    assert ladder.FEWEST <= n_sweeps <= ladder.MOST
    assert 2 <= n_chains <= 16


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("scale", [1.0, np.pi])
def test_cheap_ladder_still_swaps(scale):
    glass = generate("ea3d", L=8, seed=1)
    instance = IsingInstance(scale * glass.couplings, glass.biases)
    betas = ladder.search_betas(instance, "apt", 10, 1, seed=1)
    found = anneal(instance, "apt", 200, n_runs=1, seed=1, betas=betas)
    rates = found.facts["blocks"][0]["swap_rates"]
    assert min(rates) > 0.1  # alpha = 1.25 gives 0.38 on normal energies; one in ten at the least still mixes
    assert len(betas) < 30


@pytest.mark.promise("anneal.betas")
def test_cheap_ladder_ends_where_a_long_one_does():
    """Ten sweeps at a beta leave large chains falling: without an end by fields the ladder went on to beta 4690."""
    glass = generate("ea3d", L=16, seed=1)
    betas = ladder.search_betas(glass, "apt", 10, 1, seed=1)
    assert 2.0 < betas[-1] <= default_betas(glass, 1, 1)[0]
    assert np.all(np.diff(betas) > 0)
    assert len(betas) < 60  # 35 by a hundred sweeps at each
