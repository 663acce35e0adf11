"""An instance keeps its sign convention and refuses what is no Ising model."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

EDGES = [(0, 1), (3, 1), (2, 0), (2, 3), (0, 3)]


@pytest.fixture
def instance():
    """Return four spins with couplings and biases of every sign."""
    rng = np.random.default_rng(5)
    return IsingInstance.from_edges(4, EDGES, rng.normal(size=5), rng.normal(size=4))


def naive_energy(instance, spins):
    """Return E by the definition, pair by pair."""
    pairs = sum(instance.couplings.toarray()[i, j] * spins[i] * spins[j] for i in range(4) for j in range(i + 1, 4))
    return -pairs - sum(h * s for h, s in zip(instance.biases, spins, strict=True))


def all_states():
    return np.array(np.meshgrid(*[[-1, 1]] * 4, indexing="ij")).reshape(4, -1).T


@pytest.mark.promise("instances.energy")
def test_energies_equal_the_sum_over_pairs(instance):
    expected = [naive_energy(instance, spins) for spins in all_states()]
    assert instance.energies(all_states()) == pytest.approx(expected, abs=1e-13)
    flipped = IsingInstance(instance.couplings, -instance.biases)
    assert flipped.energies(all_states()) != pytest.approx(expected, abs=1e-3)


@pytest.mark.promise("instances.energy")
def test_local_field_is_half_the_cost_of_a_flip(instance):
    for spins in all_states():
        for i, field in enumerate(instance.local_fields(spins)):
            turned = spins.copy()
            turned[i] *= -1
            cost = instance.energies(turned) - instance.energies(spins)
            assert cost == pytest.approx(2 * field * spins[i], abs=1e-12)
    assert instance.max_field >= np.abs(instance.local_fields(all_states())).max()


@pytest.mark.promise("instances.type")
def test_edges_are_sorted_pairs_with_their_values(instance):
    assert instance.edges.tolist() == [[0, 1], [0, 2], [0, 3], [1, 3], [2, 3]]
    dense = instance.couplings.toarray()
    assert instance.edge_values.tolist() == [dense[i, j] for i, j in instance.edges]
    assert instance.degrees.tolist() == [3, 2, 2, 3]
    assert (instance.n_spins, instance.n_couplings, instance.max_degree) == (4, 5, 3)


def test_zero_couplings_are_kept_out():
    instance = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [0.0, 2.0])
    assert instance.edges.tolist() == [[1, 2]]


def test_submodel_keeps_couplings_among_the_chosen(instance):
    part = instance.submodel([3, 0, 2])
    whole = instance.couplings.toarray()
    assert np.array_equal(part.couplings.toarray(), whole[np.ix_([3, 0, 2], [3, 0, 2])])
    assert np.array_equal(part.biases, instance.biases[[3, 0, 2]])


@pytest.mark.promise("instances.type")
@pytest.mark.parametrize(
    ("couplings", "biases", "rule"),
    [
        ([[0.0, 1.0], [2.0, 0.0]], [0, 0], r"^Couplings must be symmetric, J_ij = J_ji$"),
        ([[0.0, 1.0], [1.0, 3.0]], [0, 0], r"^Diagonal of the couplings must be empty, not set at spin 1$"),
        ([[0.0, np.nan], [np.nan, 0.0]], [0, 0], r"^Couplings and biases must be finite, not NaN or infinite$"),
        ([[0.0, 1.0], [1.0, 0.0]], [0, np.inf], r"^Couplings and biases must be finite, not NaN or infinite$"),
        ([[0.0, 1.0], [1.0, 0.0]], [0, 0, 0], r"^Couplings must be n x n and biases of length n > 0, not "),
        (np.zeros((0, 0)), [], r"^Couplings must be n x n and biases of length n > 0, not "),
    ],
)
def test_what_is_no_instance_is_refused(couplings, biases, rule):
    with pytest.raises(InputError, match=rule):
        IsingInstance(np.array(couplings), np.array(biases))


@pytest.mark.parametrize(
    ("edges", "rule"),
    [
        ([(0, 3)], r"^Spin index must lie in 0\.\.2, not 3$"),
        ([(-1, 2)], r"^Spin index must lie in 0\.\.2, not -1$"),
        ([(1, 1)], r"^Edge must join two spins, not spin 1 to itself$"),
        ([(0, 1), (1, 0)], r"^Edges must be distinct; the list holds a pair twice$"),
    ],
)
def test_bad_edge_is_refused(edges, rule):
    with pytest.raises(InputError, match=rule):
        IsingInstance.from_edges(3, edges, [1.0] * len(edges))
