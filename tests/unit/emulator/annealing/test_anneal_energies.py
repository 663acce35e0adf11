"""Energies in whole units: exact, counted and kept alike; engines are chosen and refused as documented."""

import re

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.plain.kernels import is_turned, refresh
from spinchip.emulator.annealing.problem import make_problem
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.spec.errors import InputError, SpinchipError
from spinchip.emulator.spec.instance import IsingInstance


def mixed_instance(unit):
    """Return a sparse graph with couplings of 1 ... 5 units, biases of -3 ... 3, a spin alone and one with a bias."""
    rng = np.random.default_rng(8)
    edges = [(i, j) for i in range(28) for j in range(i + 1, 28) if rng.random() < 0.15]
    values = unit * rng.choice([-5, -3, -2, -1, 1, 2, 4], len(edges))
    return IsingInstance.from_edges(30, edges, values, unit * np.append(rng.integers(-3, 4, 28), [0, 2]))


@pytest.mark.parametrize("unit", [1.0, 6.0, 0.375, 2.0**-20])
def test_unit_is_the_largest_that_divides_all(unit):
    problem = make_problem(mixed_instance(unit))
    assert problem.exact
    assert problem.unit == unit
    assert np.array_equal(problem.graph.values * unit, mixed_instance(unit).couplings.data)
    assert np.array_equal(problem.graph.values, np.rint(problem.graph.values))


@pytest.mark.parametrize("scale", [0.1, np.pi, 2.0**-40])
def test_couplings_without_a_binary_unit_stay_floats(scale):
    instance = mixed_instance(scale)
    problem = make_problem(instance)
    assert (problem.exact, problem.unit) == (False, 1.0)
    found = anneal(instance, "apt", 100, n_runs=2, betas=np.array([0.1, 0.3, 0.9, 2.0]) / scale)
    assert np.allclose(found.run_energies, instance.energies(found.run_spins), rtol=1e-12)


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("unit", [1.0, 0.375])
def test_packed_energies_are_exact(laws, unit):
    instance = mixed_instance(unit)
    one = laws.search("packed", instance, "sqa", 512, 3, n_replicas=3)
    for slot in range(3):
        one.count(slot)
        assert np.array_equal(one.energies[slot] * unit, instance.energies(one.spins(slot)))
    lowest = one.energies.min(axis=0)
    assert np.array_equal(one.best[0], lowest)
    assert np.array_equal(instance.energies(one.best_spins()), lowest * unit)


@pytest.mark.promise("anneal.methods")
def test_energies_kept_flip_by_flip_are_exact(laws):
    instance = mixed_instance(0.375)
    one = laws.search("plain", instance, "apt", 20, 3, betas=(0.1, 0.4, 1.0), n_replicas=2)
    one.advance(0, 500)
    kept, fields = one.replicas.energies.copy(), one.replicas.fields.copy()
    assert np.array_equal(kept * one.problem.unit, instance.energies(one.replicas.spins))
    for k in range(len(kept)):
        refresh(one.problem.graph, one.replicas, k)
    assert np.array_equal(kept, one.replicas.energies)
    assert np.array_equal(fields, one.replicas.fields)


def test_shortcut_of_the_decision_changes_no_decision():
    rng = np.random.default_rng(2)
    for x in (-30.0, -1.0, 0.0, 1e-9, 0.5, 3.0, 20.0, 36.0, 700.0):
        chance = 1 / (1 + np.exp(x))
        drawn = np.concatenate(
            [rng.random(2000), chance * (1 + 1e-9 * np.arange(-3, 4, 2)), 1 - rng.random(500) * 1e-3]
        )
        for u in drawn[(drawn > 0) & (drawn < 1)]:
            assert is_turned(u, x) == (u < chance)


@pytest.mark.promise("anneal.methods")
def test_wrong_claim_is_an_error(planted):
    problem = make_problem(planted)
    spins = np.ones((2, 64), dtype=np.int8)
    right = planted.energies(spins)
    assert np.array_equal(problem.verified_energies(spins, right), right)
    text = f"Energy of answer 1 must be {float(right[1])!r}, not {float(right[1]) - 2!r}"
    with pytest.raises(SpinchipError, match=f"^{re.escape(text)}$"):
        problem.verified_energies(spins, right - [0, 2])


def test_engine_is_packed_where_it_pays(planted):
    assert anneal(planted, "sa", 4, n_runs=2, betas=[1]).engine == "plain"
    assert anneal(planted, "sa", 4, n_runs=3, betas=[1]).engine == "plain and packed"
    assert anneal(planted, "sqa", 4, n_runs=4, n_replicas=4).engine == "plain"
    assert anneal(planted, "sqa", 4, n_runs=5, n_replicas=4).engine == "plain and packed"
    assert anneal(planted, "sqa", 4, n_runs=1, n_replicas=128).engine == "packed"  # a ring on 64 lanes
    assert anneal(planted, "sa", 4, n_runs=3, betas=[1], options=AnnealOptions(engine="packed")).engine == "packed"
    assert anneal(planted, "pa", 4, n_runs=64, betas=[1]).engine == "plain"
    rough = IsingInstance(np.pi * planted.couplings, planted.biases)
    assert anneal(rough, "sa", 4, n_runs=64, betas=[1]).engine == "plain"
    wide = IsingInstance(100.0 * planted.couplings, np.append(1.0, planted.biases[1:]))
    assert anneal(wide, "sa", 4, n_runs=64, betas=[1]).engine == "plain"


REFUSED = [
    ("pa", {"betas": [1]}, 1.0, "Engine must be plain for method pa, not packed"),
    ("sa", {"betas": [1]}, 0.1, "Engine must be plain for couplings that are no whole multiples of a unit, not packed"),
]


@pytest.mark.parametrize(("method", "settings", "scale", "text"), REFUSED)
def test_packed_engine_is_refused_where_it_cannot(planted, method, settings, scale, text):
    instance = IsingInstance(scale * planted.couplings, planted.biases)
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        anneal(instance, method, 4, options=AnnealOptions(engine="packed"), **settings)


def test_instance_without_couplings_is_answered(laws):
    """Each spin follows its bias; one without is free."""
    lone = IsingInstance(np.zeros((3, 3)), np.array([1.0, -7.0, 0.0]))
    for method, settings in (("sa", {"betas": [8]}), ("apt", {"betas": [1, 8]}), ("pa", {"betas": [8]})):
        for n_runs in (2, 64):
            found = anneal(lone, method, 20, n_runs=n_runs, **settings)
            assert found.energy == -8.0
            assert found.spins[:2].tolist() == [1, -1]
