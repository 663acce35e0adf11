"""Random graphs have the right law; planted states are ground states."""

import itertools

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.instance import IsingInstance


def all_states(n):
    bits = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    return (2 * bits - 1).astype(np.int8)


@pytest.mark.promise("instances.random")
def test_sk_couples_all_pairs_with_variance_one_over_n():
    """A variance of 1/(n-1) in place of 1/n is no fault at this size; 1 or 1/sqrt(n) is far off."""
    n = 300
    glass = generate("sk", n=n, seed=2)
    assert glass.n_couplings == n * (n - 1) // 2

    def z(values):
        return (np.sum(values**2) * n - len(values)) / np.sqrt(2 * len(values))

    assert abs(z(glass.edge_values)) < 4
    assert abs(z(1.03 * glass.edge_values)) > 4, "test too weak"  # 6 % in the variance is 9 sigma
    signs = generate("sk", n=16, J="pm", seed=2).edge_values
    assert set(np.abs(signs)) == {0.25}


@pytest.mark.parametrize(("n", "d"), [(10, 0), (10, 3), (50, 4), (10, 9), (30, 26)])
def test_regular_graph_has_its_degree(n, d):
    graph = generate("regular", n=n, d=d, seed=1)
    assert set(graph.degrees) == {d}


@pytest.mark.promise("instances.random")
def test_regular_graphs_are_uniform_on_small_n():
    """Four spins with one neighbour each: three pairings, each with chance 1/3.

    A chance of 0.4 must be seen at 8 sigma: n = (8 sqrt(2/9) / 0.067)^2 = 3200.
    """
    n_draws = 3200
    partners = [int(generate("regular", n=4, d=1, seed=seed).couplings[[0]].indices[0]) for seed in range(n_draws)]
    counts = np.bincount(partners, minlength=4)[1:]
    assert counts.sum() == n_draws
    z = (counts - n_draws / 3) / np.sqrt(n_draws * 2 / 9)
    assert np.abs(z).max() < 4
    assert abs(counts[0] - 0.4 * n_draws) / np.sqrt(n_draws * 0.24) > 4, "test too weak"


@pytest.mark.parametrize("n", [1, 2, 3, 50, 1000])
def test_maxcut_of_density_one_joins_every_pair_once(n):
    graph = generate("maxcut", n=n, p=1.0)
    assert graph.edges.tolist() == [list(pair) for pair in itertools.combinations(range(n), 2)]


def test_maxcut_has_its_density():
    """A density 3 % too high must be seen: (8 / 0.03)^2 (1 - p) / p pairs joined at p = 0.2 need n = 760."""
    n, p = 800, 0.2
    graph = generate("maxcut", n=n, p=p, seed=4)
    n_pairs = n * (n - 1) / 2
    deviation = np.sqrt(n_pairs * p * (1 - p))
    assert abs(graph.n_couplings - n_pairs * p) < 4 * deviation
    assert abs(graph.n_couplings - 1.03 * n_pairs * p) > 4 * deviation, "test too weak"
    # Uniform: the mean index of the chosen pairs, in the order of the generator, is central.
    numbers = graph.edges[:, 1] * (graph.edges[:, 1] - 1) / 2 + graph.edges[:, 0]
    z = (numbers.mean() / n_pairs - 0.5) / np.sqrt(1 / 12 / len(numbers))
    assert abs(z) < 4
    assert generate("maxcut", n=10, p=0.0).n_couplings == 0


@pytest.mark.promise("instances.random")
def test_maxcut_energy_counts_the_cut():
    graph = generate("maxcut", n=8, p=0.6, weights="gauss", seed=1)
    total = graph.provenance["total_weight"]
    for spins in all_states(8)[::7]:
        cut = sum(-J for (i, j), J in zip(graph.edges.tolist(), graph.edge_values, strict=True) if spins[i] != spins[j])
        assert cut == pytest.approx((total - graph.energies(spins)) / 2, abs=1e-12)


@pytest.mark.promise("instances.random")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("arguments", [{"L": 4}, {"L": 3}, {"L": 4, "boundary": "open", "density": 1.0}])
def test_planted_state_is_the_ground_state(arguments, seed):
    glass = generate("planted", dim=2, seed=seed, **arguments)
    energies = glass.energies(all_states(glass.n_spins))
    planted = np.array([1 if sign == "+" else -1 for sign in glass.provenance["ground_state"]])
    assert glass.energies(planted) == energies.min() == glass.provenance["ground_energy"]


def test_check_of_planted_energy_sees_one_wrong_bond():
    glass = generate("planted", dim=2, L=4, density=1.0, seed=0)
    values = glass.edge_values.copy()
    planted = np.array([1 if sign == "+" else -1 for sign in glass.provenance["ground_state"]])
    ends = glass.edges
    satisfied = np.flatnonzero(values * planted[ends[:, 0]] * planted[ends[:, 1]] > 0)
    values[satisfied[0]] *= -1
    wrong = IsingInstance.from_edges(glass.n_spins, ends, values)
    assert wrong.energies(all_states(16)).min() != glass.provenance["ground_energy"]


def test_planted_state_is_stable_and_frustrated_in_three_dimensions():
    glass = generate("planted", L=6, seed=3)
    planted = np.array([1 if sign == "+" else -1 for sign in glass.provenance["ground_state"]])
    assert glass.energies(planted) == glass.provenance["ground_energy"]
    assert (planted * glass.local_fields(planted) >= 0).all()
    assert np.array_equal(glass.edge_values, np.rint(glass.edge_values))
    assert np.abs(glass.edge_values).sum() > -glass.energies(planted), "no bond is left unsatisfied"
