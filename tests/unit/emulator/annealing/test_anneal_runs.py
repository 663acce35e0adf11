"""A run is of its seed and number, whatever runs beside it; its answer is the best state that it met, after descent."""

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.descent import descend
from spinchip.emulator.annealing.problem import make_problem
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.instance import IsingInstance

SETTINGS = {
    "sa": {"betas": np.geomspace(0.2, 2.0, 12)},
    "sqa": {"n_replicas": 4, "beta": 1.0},
    "apt": {"betas": (0.3, 0.7, 1.5), "n_replicas": 2},
    "pa": {"betas": np.geomspace(0.2, 2.0, 12), "population": 6},
}
COUNTS = {"sa": (1, 2, 3, 9, 63, 64, 515, 1030), "sqa": (1, 3, 5, 64, 300), "apt": (1, 2, 3, 64, 514), "pa": (1, 7, 64)}
GLASS = generate("ea3d", L=4, seed=3)


@pytest.mark.promise("anneal.runs")
@pytest.mark.parametrize("method", SETTINGS)
@pytest.mark.parametrize("scale", [1.0, np.pi])
def test_run_does_not_depend_on_how_many_there_are(method, scale):
    instance = IsingInstance(scale * GLASS.couplings, GLASS.biases)
    settings = dict(SETTINGS[method])
    counts = COUNTS[method] if scale == 1.0 else COUNTS[method][-2:]
    found = [anneal(instance, method, 12, n_runs=n, seed=5, **settings) for n in counts]
    for fewer, more in zip(found, found[1:], strict=False):
        n = len(fewer.run_spins)
        assert np.array_equal(fewer.run_spins, more.run_spins[:n])
        assert np.array_equal(fewer.best, more.best[:n])
        assert np.array_equal(fewer.current, more.current[:n])
    many = found[-1].run_spins
    assert len(np.unique(many[: counts[-2]], axis=0)) > 1  # runs are not all the same
    threads = anneal(instance, method, 12, counts[-1], 5, AnnealOptions(n_threads=3), **settings)
    assert np.array_equal(many, threads.run_spins)


@pytest.mark.promise("anneal.runs")
@pytest.mark.parametrize("method", ["sa", "sqa", "apt"])
def test_runs_of_auto_are_those_of_their_engine(method):
    auto, plain, packed = (
        anneal(GLASS, method, 12, 20, 5, AnnealOptions(engine=engine), **SETTINGS[method]).run_spins
        for engine in ("auto", "plain", "packed")
    )
    first = 4 if method == "sqa" else 2
    assert np.array_equal(auto[:first], plain[:first])
    assert np.array_equal(auto[first:], packed[first:])
    assert not np.array_equal(plain, packed)


@pytest.mark.promise("anneal.runs")
@pytest.mark.parametrize("engine", ["plain", "packed"])
@pytest.mark.parametrize("method", ["sa", "sqa", "apt"])
def test_best_state_between_records_is_kept(method, engine):
    """At a constant high beta states come and go: what is seen at every sweep is kept without a record of it, too."""
    settings = SETTINGS[method] | ({"betas": [0.6]} if method == "sa" else {})
    glass, sweeps = generate("ea3d", L=6, seed=1), 60
    seen = anneal(glass, method, sweeps, 40, 2, AnnealOptions(engine=engine, record_at=range(1, sweeps)), **settings)
    blind = anneal(glass, method, sweeps, 40, 2, AnnealOptions(engine=engine, record_at=()), **settings)
    assert np.array_equal(seen.run_spins, blind.run_spins)
    assert np.array_equal(seen.best[:, :-1], np.minimum.accumulate(seen.current[:, :-1], axis=1))
    assert np.all(blind.run_energies <= seen.current.min(axis=1))
    if method == "sa":  # the negative control: the last state alone would be worse in nearly every run
        assert np.mean(blind.run_energies < blind.current[:, -1]) > 0.9


@pytest.mark.promise("anneal.runs")
@pytest.mark.parametrize("scale", [1.0, np.pi, 1e-6, 1e6])
def test_answer_is_a_minimum_that_no_flip_lowers(scale):
    rng = np.random.default_rng(4)
    rough = np.triu(rng.normal(size=(50, 50)), 1)
    instance = IsingInstance(scale * (rough + rough.T), scale * rng.normal(size=50))
    for method, settings in (("sa", {"betas": [0.1 / scale]}), ("apt", {"betas": [0.05 / scale, 0.1 / scale]})):
        found = anneal(instance, method, 3, n_runs=4, seed=1, **settings)
        fields = instance.local_fields(found.run_spins)
        assert np.all(found.run_spins * fields > -1e-9 * scale)
        np.testing.assert_allclose(found.run_energies, instance.energies(found.run_spins))


@pytest.mark.promise("anneal.runs")
def test_descent_lowers_energies_and_leaves_minima_alone():
    problem = make_problem(GLASS)
    starts = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (30, 64))
    spins, fields = descend(problem, starts)
    assert np.array_equal(fields, GLASS.local_fields(spins))
    assert np.all(spins * fields >= 0)
    assert np.all(GLASS.energies(spins) < GLASS.energies(starts))
    assert np.array_equal(descend(problem, spins)[0], spins)
