"""Invertible logic and problems: every answer counted on the original, broken encodings refused."""

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.enumeration import ground_states
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.models.logic.circuits import circuit, factor, solve
from spinchip.models.logic.graph_coloring import colorable_graph, coloring_cost, coloring_instance, colors_of
from spinchip.models.logic.number_problems import difference, partition_instance, subset_instance, subset_sum
from spinchip.models.logic.satisfiability import planted_formula, solve_formula, violated_clauses
from spinchip.models.logic.sparsify import sparsified, tuned_strength
from spinchip.models.logic.workload import gate_rows
from spinchip.sim.samplers.by_name import backend

ALL = 2 * ((np.arange(1 << 10)[:, None] >> np.arange(10)) & 1).astype(np.int8) - 1


def lowest_states(instance):
    """Return the ground states, spins -1/+1, spin i in bit i of an index."""
    indices = ground_states(instance)[1]
    return 2 * ((indices[:, None] >> np.arange(instance.n_spins)) & 1).astype(np.int8) - 1


@pytest.mark.promise("logic.gates")
@pytest.mark.parametrize(("name", "bits", "rows"), [("and", None, 4), ("adder", 1, 8), ("multiplier", 2, 16)])
def test_ground_states_are_the_rows_that_arithmetic_allows(name, bits, rows):
    unit = circuit(name) if bits is None else circuit(name, bits=bits)
    states = lowest_states(unit.instance)
    assert len(states) == rows
    assert np.all(unit.holds(states))
    wrong = states.copy()
    wrong[:, unit.wires[list(unit.wires)[-1]][0]] *= -1  # the last port's lowest bit turned around
    assert not np.any(unit.holds(wrong))


@pytest.mark.promise("logic.gates")
@pytest.mark.parametrize(
    ("given", "port", "wanted"),
    [
        ({"a": 9, "b": 5, "cin": 1}, "s", 15),
        ({"a": 9, "b": 12, "cin": 0}, "cout", 1),
        ({"a": 9, "s": 14, "cin": 0, "cout": 0}, "b", 5),
    ],
)
def test_adder_runs_forward_and_sideways(given, port, wanted):
    unit = circuit("adder", bits=4)
    found = solve(unit, 300, 8, 1, **given)
    assert found.is_right.any()
    assert set(unit.read(found.states[found.is_right], port)) == {wanted}


@pytest.mark.promise("logic.gates")
def test_adder_runs_backward_to_many_sums():
    unit = circuit("adder", bits=4)
    found = solve(unit, 300, 40, 1, s=14, cin=0, cout=0)
    pairs = set(zip(unit.read(found.states, "a").tolist(), unit.read(found.states, "b").tolist(), strict=True))
    assert all(a + b == 14 for a, b in pairs)
    assert len(pairs) > 5


@pytest.mark.promise("logic.factor")
def test_sixteen_bit_semiprime_is_factored_on_golden():
    pair, found = factor(60491, 20_000, 4, seed=1)
    assert pair == (241, 251)
    assert 0.0 < found.share <= 1.0


@pytest.mark.promise("logic.factor")
def test_prime_has_only_trivial_factors_and_answers_say_so():
    assert factor(13, 500, 8, seed=1, bits=4)[0] == (1, 13)
    assert factor(15, 500, 8, seed=1, bits=4)[0] == (3, 5)
    pair, found = factor(13, 500, 4, seed=1)  # 13 does not fit into two bits
    assert (pair, found.share) == (None, 0.0)


@pytest.mark.promise("logic.factor")
@pytest.mark.icarus
def test_eight_bit_number_is_factored_under_icarus():
    """143 on a 4-bit multiplier, annealed on the p-computer's RTL; half of such runs succeed, so 8 fail once in 256."""
    unit = circuit("multiplier", bits=4)
    schedule = Schedule.linear(0.3, 2.0, 800, n_steps=16)
    clamps = unit.clamps(p=143)
    samples = backend("icarus").sample(unit.instance, schedule, 8, 3, Recording(every=10), clamps=clamps)
    states = samples.spins.reshape(-1, unit.instance.n_spins)
    right = states[unit.holds(states)]
    assert {(int(unit.read(s, "a")), int(unit.read(s, "b"))) for s in right} <= {(11, 13), (13, 11)}
    assert len(right)
    assert np.all(unit.read(states, "p") == 143)


@pytest.mark.promise("logic.gates")
def test_law_of_a_gate_is_the_exact_one_and_another_is_refused():
    rows = gate_rows(seed=2)
    assert all(row["ok"] for row in rows)
    off = abs(rows[0]["value"] - (rows[0]["reference"] - 0.02))  # a share 2 % off is seven standard errors away
    assert off > 4.0 * rows[0]["se"]


@pytest.mark.promise("problems.verified")
def test_partition_and_subset_energies_are_those_of_the_numbers():
    numbers = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    a = np.array(numbers)
    np.testing.assert_allclose(partition_instance(numbers).energies(ALL) + (a**2).sum(), difference(numbers, ALL) ** 2)
    energies = subset_instance(numbers, 17).energies(ALL)
    gap = 4.0 * (subset_sum(numbers, ALL) - 17) ** 2
    np.testing.assert_allclose(energies - energies.min(), gap - gap.min())
    assert subset_sum(numbers, ALL[energies.argmin()]) == 17


@pytest.mark.promise("problems.bad-input")
@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: partition_instance([3]), "Numbers must be two or more integers"),
        (lambda: partition_instance([3, 0]), "Number 1 must be 1"),
        (lambda: partition_instance([1 << 25, 1 << 25]), "Sum of the numbers"),
        (lambda: subset_instance([1, 2], 9), "Target must be 0..3"),
        (lambda: solve_formula(3, np.zeros((0, 3)), 10), "Formula must have a clause"),
        (lambda: circuit("adder", bits=2).clamps(a=9), "Number at port 'a' must be 0..3, not 9"),
        (lambda: circuit("adder", bits=2).clamps(q=1), "Port must be one of a, b, cin, s, cout"),
        (lambda: factor(3), "Number must be 4..65535"),
        (lambda: sparsified(generate("sk", n=6, seed=1), 2), "Degree must be 3 or more"),
    ],
)
def test_bad_problems_are_refused_in_one_line(call, fault):
    with pytest.raises(InputError, match=fault):
        call()


@pytest.mark.promise("problems.verified")
def test_formula_is_solved_and_the_count_is_on_its_clauses():
    clauses, hidden = planted_formula(40, 160, 1)
    assert violated_clauses(clauses, hidden) == 0
    assert violated_clauses(clauses, ~hidden) > 0
    answer = solve_formula(40, clauses, 2000, 4, 1)
    assert (answer.verdict, violated_clauses(clauses, answer.assignment)) == ("satisfied", 0)


@pytest.mark.promise("problems.bad-input")
def test_contradiction_is_answered_with_what_is_left():
    clauses = np.array([[1, 0, 0], [-1, 0, 0], [1, 2, 3]])
    answer = solve_formula(3, clauses, 200, 4, 1)
    assert (answer.verdict, answer.violated) == ("not satisfied", 1)


@pytest.mark.promise("problems.verified")
def test_weighted_colouring_has_the_least_cost_of_all():
    graph = colorable_graph(5, 2, 6, seed=3)
    graph.add_edge(0, 1)
    rng = np.random.default_rng(1)
    for u, v in graph.edges:
        graph[u][v]["weight"] = float(rng.integers(1, 6))
    instance = coloring_instance(graph, 2, penalty=10.0, is_weighted=True)
    costs = {}
    for code in range(1 << 5):
        colors = (code >> np.arange(5)) & 1
        costs[tuple(colors)] = coloring_cost(graph, colors)
    best = ALL[instance.energies(ALL).argmin()]
    assert coloring_cost(graph, colors_of(best, 2)) == min(costs.values())
    with pytest.raises(InputError, match="leaving a vertex without colour pays"):
        coloring_instance(graph, 2, penalty=0.5, is_weighted=True)
    graph[0][1]["weight"] = -1.0
    with pytest.raises(InputError, match="must be above 0"):
        coloring_instance(graph, 2, penalty=10.0, is_weighted=True)


@pytest.mark.promise("problems.verified")
@pytest.mark.parametrize("max_degree", [3, 4])
def test_sparse_instance_keeps_degree_energies_and_ground_state(max_degree):
    dense = generate("sk", n=6, seed=4)
    embedding = sparsified(dense, max_degree)
    assert embedding.sparse.max_degree <= max_degree
    states = 2 * ((np.arange(64)[:, None] >> np.arange(6)) & 1).astype(np.int8) - 1
    spread = embedding.spread(states)
    np.testing.assert_array_equal(embedding.gathered(spread), states)
    assert embedding.broken(spread) == 0.0
    shift = embedding.sparse.energies(spread) - dense.energies(states)
    np.testing.assert_allclose(shift, shift[0], atol=1e-9)
    lowest = lowest_states(embedding.sparse)
    assert embedding.broken(lowest) == 0.0
    assert dense.energies(embedding.gathered(lowest))[0] == pytest.approx(dense.energies(states).min())


@pytest.mark.promise("problems.verified")
def test_chains_too_weak_break_and_strength_is_tuned_on_the_original():
    dense = generate("sk", n=10, seed=5)
    options = AnnealOptions(engine="plain")

    def search(instance):
        return anneal(instance, "sa", 200, 16, 1, options, betas=np.linspace(0.2, 5.0, 100)).run_spins

    weak = sparsified(dense, 4, 0.05)
    assert weak.broken(search(weak.sparse)) > 0.2
    best, energies = tuned_strength(dense, 4, search, (0.05, 0.6, 1.0))
    assert best != 0.05
    assert energies[best] < energies[0.05]
