"""The energy of a formula's model counts violated clauses; ground states are satisfying assignments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.long_clauses import shortened
from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.instances.sat import penalty_model

CLAUSES = st.lists(st.integers(1, 4).flatmap(lambda v: st.sampled_from([v, -v])), min_size=1, max_size=3)


def all_states(n):
    bits = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    return (2 * bits - 1).astype(np.int8)


def violated(clauses, spins):
    """Return how many clauses an assignment (+1 is true) leaves without a true literal."""
    return sum(not any(np.sign(literal) == spins[abs(literal) - 1] for literal in clause) for clause in clauses)


@pytest.mark.promise("instances.cnf")
@settings(max_examples=60, deadline=None)
@given(clauses=st.lists(CLAUSES, min_size=1, max_size=6))
def test_lowest_energy_over_the_ancillas_counts_violations(clauses):
    padded = np.array([clause + [0] * (3 - len(clause)) for clause in clauses])
    model = penalty_model(4, padded)
    instance = model.instance("formula", {})
    states = all_states(instance.n_spins)
    counts = instance.energies(states) + instance.provenance["offset"]
    for variables in all_states(4):
        mine = counts[(states[:, :4] == variables).all(axis=1)]
        assert mine.min() == violated(clauses, variables)
        if mine.min() == 0:
            assert np.count_nonzero(mine == 0) == 1, "the ancillas of a satisfying assignment are unique"


def lowest_over_ancillas(instance, n):
    """Return the lowest energy plus offset for each assignment of the first n spins, and how often it occurs."""
    states = all_states(instance.n_spins)
    counts = instance.energies(states) + instance.provenance["offset"]
    mine = [counts[(states[:, :n] == variables).all(axis=1)] for variables in all_states(n)]
    return np.array([one.min() for one in mine]), np.array([np.count_nonzero(one == one.min()) for one in mine])


LONG = st.lists(st.integers(1, 5).flatmap(lambda v: st.sampled_from([v, -v])), min_size=1, max_size=7)


@pytest.mark.promise("instances.cnf")
@settings(max_examples=40)
@given(clauses=st.lists(LONG, min_size=1, max_size=2), weights=st.lists(st.integers(1, 5), min_size=2, max_size=2))
def test_clauses_of_any_length_and_weight(clauses, weights):
    weights = np.array(weights[: len(clauses)], dtype=float)
    short, *products = shortened(5, np.concatenate(clauses), np.array([len(clause) for clause in clauses]))
    instance = penalty_model(5, short, weights, products).instance("formula", {})
    lowest, times = lowest_over_ancillas(instance, 5)
    cost = [sum(w * violated([c], s) for w, c in zip(weights, clauses, strict=True)) for s in all_states(5)]
    assert np.array_equal(lowest, cost)
    assert (times[lowest == 0] == 1).all(), "the ancillas of a satisfying assignment are unique"


def test_clause_of_a_thousand_literals_costs_ancillas_and_little_time(tmp_path):
    path = tmp_path / "long.cnf"
    path.write_text(f"p cnf 1000 1\n{' '.join(map(str, range(1, 1001)))} 0\n")
    instance = read_instance(path)
    assert instance.n_spins == 1000 + 998
    assert instance.provenance["ancillas"] == [0] * 998


OLD = "c text\np wcnf 4 4 12\n12 1 2 3 4 0\n1 -3 -2 0\n6 -1 -2 0\n2.5 1 0\n"
NEW = "c text\nh 1 2 3 4 0\n1 -3 -2 0\n6 -1 -2 0\n2.5 1 0\n"


@pytest.mark.promise("instances.cnf")
@pytest.mark.parametrize("name", ["x.wcnf", "x.txt"])
def test_weighted_formula_of_both_layouts(tmp_path, name):
    hard = 1 + 1 + 6 + 2.5
    clauses = [(hard, [1, 2, 3, 4]), (1, [-3, -2]), (6, [-1, -2]), (2.5, [1])]
    cost = [sum(w * violated([c], s) for w, c in clauses) for s in all_states(4)]
    for content in (OLD, NEW):
        path = tmp_path / name
        path.write_text(content)
        if name == "x.txt" and content == NEW:
            instance = read_instance(path, "wcnf")
        else:
            instance = read_instance(path)
        assert np.allclose(lowest_over_ancillas(instance, 4)[0], cost, rtol=0, atol=1e-12)
        assert instance.provenance["hard_weight"] == hard


def test_forgotten_ancilla_penalty_is_seen():
    """Without the terms that tie w to z1 z2, one clause of three literals would cost nothing."""
    instance = penalty_model(3, np.array([[1, 2, 3]])).instance("clause", {})
    lowest = min(instance.energies(state) for state in all_states(4) if (state[:3] == -1).all())
    assert lowest + instance.provenance["offset"] == 1
    free = instance.energies(np.array([-1, -1, -1, -1])), instance.energies(np.array([1, 1, -1, 1]))
    assert free[1] + instance.provenance["offset"] > 0


FORMULA = "p cnf 4 5\n1 -2 3 0\n-1 4 0\n2 -3 -4 0\n-4 0\n2 2 -2 0\n"
SATLIB = "c made by hand\nc\np cnf 4  5 \n 1 -2 3 0\nc a comment between\n-1 4 0 2 -3\n-4 0\n-4 0\n2 2 -2 0\n%\n0\n\n"


def test_plain_and_satlib_files_give_the_same_model(tmp_path):
    (tmp_path / "plain.cnf").write_text(FORMULA)
    (tmp_path / "satlib.cnf").write_text(SATLIB)
    plain, satlib = read_instance(tmp_path / "plain.cnf"), read_instance(tmp_path / "satlib.cnf")
    assert np.array_equal(plain.couplings.toarray(), satlib.couplings.toarray())
    assert np.array_equal(plain.biases, satlib.biases)
    assert plain.n_spins == 4 + 2  # the last clause always holds and needs no ancilla
    assert plain.provenance["ancillas"] == [0, 2]


@pytest.mark.promise("instances.cnf")
def test_ground_states_of_a_file_satisfy_it(tmp_path):
    path = tmp_path / "formula.cnf"
    path.write_text(FORMULA)
    instance = read_instance(path)
    states = all_states(instance.n_spins)
    energies = instance.energies(states)
    found = {tuple(state[:4]) for state in states[energies == energies.min()].tolist()}
    clauses = [[1, -2, 3], [-1, 4], [2, -3, -4], [-4]]
    expected = {tuple(state.tolist()) for state in all_states(4) if violated(clauses, state) == 0}
    assert found == expected
    assert energies.min() == instance.provenance["satisfied_energy"]


def test_unsatisfiable_formula_stays_above_the_satisfied_energy(tmp_path):
    path = tmp_path / "no.cnf"
    path.write_text("p cnf 1 2\n1 0\n-1 0\n")
    instance = read_instance(path)
    assert instance.energies(all_states(1)).min() == instance.provenance["satisfied_energy"] + 1


@pytest.mark.parametrize("content", ["p cnf 3 0\n", "c\np cnf 3 0\n%\n0\n", "p cnf 3 1\n1 -1 0\n"])
def test_formula_without_constraints_is_free(tmp_path, content):
    path = tmp_path / "free.cnf"
    path.write_text(content)
    instance = read_instance(path)
    assert (instance.n_spins, instance.n_couplings) == (3, 0)
    assert not instance.biases.any()
