"""Default betas: cold enough for all spins together, at any scale, for real values and for free spins."""

import re

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.betas import default_betas
from spinchip.emulator.annealing.ladder import search_betas
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.samplers.by_name import backend

ALPHA = 1e-6  # of a wrong alarm


def old_ends(instance):
    """Return the rule that was: the largest field turns one time in three, the smallest size one in a hundred."""
    sizes = np.abs(np.concatenate([instance.edge_values, instance.biases]))
    return np.log(2.0) / (2.0 * instance.max_field), np.log(100.0) / (2.0 * sizes[sizes > 0].min())


def independent(kind, n=1000):
    """Return spins without couplings."""
    rng = np.random.default_rng(2)
    biases = {"alike": rng.choice([-1.0, 1.0], n), "uniform": rng.uniform(-1, 1, n), "normal": rng.normal(size=n)}[kind]
    return IsingInstance(np.zeros((n, n)), biases)


def rough(n, seed, density=1.0):
    """Return a glass of real couplings and biases."""
    rng = np.random.default_rng(seed)
    half = np.triu(rng.normal(size=(n, n)) * (rng.random((n, n)) < density), 1)
    return IsingInstance(half + half.T, rng.normal(size=n))


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("kind", ["alike", "uniform", "normal"])
def test_thousand_independent_spins_rest_in_their_ground_state(kind):
    """The state after the last sweep: what the last beta leaves excited, before descent repairs it."""
    instance, ground = independent(kind), -np.abs(independent(kind).biases).sum()
    betas = default_betas(instance)
    found = anneal(instance, "sa", 1000, n_runs=64, seed=1, betas=betas)
    hits = int(np.sum(found.current[:, -1] <= ground + 1e-9))
    assert hits >= stats.binom.ppf(ALPHA, 64, np.exp(-0.1))  # expected excitations well below one
    excited = expit(-2.0 * betas[:, None] * np.abs(instance.biases)).sum(axis=1)
    warm = anneal(instance, "sa", 1000, n_runs=64, seed=1, betas=betas[excited > 3])
    n_warm = int(np.sum(warm.current[:, -1] <= ground + 1e-9))
    assert n_warm <= stats.binom.isf(ALPHA, 64, np.exp(-3.0))  # the control: a line that ends at three excited spins


@pytest.mark.promise("anneal.betas")
def test_old_rule_never_reached_it():
    instance = independent("alike")
    found = anneal(instance, "sa", 1000, n_runs=64, seed=1, betas=np.geomspace(*old_ends(instance), 200))
    assert not np.any(found.current <= -1000.0)
    assert found.energy == -1000.0  # descent repairs it today


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("scale", [1e-200, 1e-6, 1e6, 1e200])
@pytest.mark.parametrize("instance", [rough(40, 1), independent("uniform"), generate("ea3d", L=4, seed=1)])
def test_betas_follow_the_scale(instance, scale):
    scaled = IsingInstance(scale * instance.couplings, scale * instance.biases)
    np.testing.assert_allclose(scale * default_betas(scaled, 16), default_betas(instance, 16), rtol=1e-6)


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("density", [1.0, 0.3])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_real_glass_is_cold_at_the_end_and_hot_at_the_start(laws, density, seed, scale):
    """Enumerated: the law at the last beta is the ground state, at the first one every spin still turns."""
    glass = rough(12, seed, density)
    instance = IsingInstance(scale * glass.couplings, scale * glass.biases)
    betas = default_betas(instance)
    assert np.all(np.diff(betas) > 0)
    last, first = (laws.boltzmann(instance, beta) for beta in (betas[-1], betas[0]))
    assert last.max() > 0.5
    ground = laws.all_states(12)[last.argmax()]
    excited = expit(-2.0 * betas[-1] * np.abs(instance.local_fields(ground))).sum()
    assert excited < 0.5
    assert np.all(np.abs(laws.all_states(12).T @ first) < 0.9)


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("on", ["golden", "reference"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.slow
def test_sixteen_betas_find_real_ground_states_where_the_old_ones_quench(on, scale):
    """40 spins, 300 sweeps; the ground energy is a long tempering's. One run in three reaches it, one in ten did."""
    glass = rough(40, 0)
    ground = anneal(glass, "apt", 500, n_runs=4, seed=1, betas=np.geomspace(0.1, 3, 16)).energy * scale
    instance = IsingInstance(scale * glass.couplings, scale * glass.biases)
    sampler, n_runs, hits = backend(on), 300, []
    lines = Schedule.through(default_betas(instance, 16), 300), Schedule.linear(*old_ends(instance), 300, n_steps=16)
    for line in lines:
        lowest = instance.energies(sampler.sample(instance, line, n_runs, 1, Recording()).spins).min(axis=1)
        assert np.all(lowest > ground - 1e-9 * abs(ground))
        hits.append(int(np.sum(lowest < ground + 1e-9 * abs(ground))))
    table = [[hit, n_runs - hit] for hit in hits]
    assert stats.fisher_exact(table, alternative="greater").pvalue < ALPHA, hits


@pytest.mark.promise("anneal.betas")
def test_free_and_weak_spins_do_not_take_the_steps_of_the_others():
    glass = generate("ea3d", L=4, seed=1)
    n = glass.n_spins
    edges, biases = glass.edges, np.zeros(n + 2)
    free = IsingInstance.from_edges(n + 2, edges, glass.edge_values, biases)  # two spins that nothing holds
    np.testing.assert_allclose(default_betas(free)[[0, -1]], default_betas(glass)[[0, -1]], rtol=0.05)
    biases[-1] = 1e-8
    betas = default_betas(IsingInstance.from_edges(n + 2, edges, glass.edge_values, biases), 16)
    assert betas[-1] > 1e8  # the weak spin freezes as well
    assert np.sum(betas < 5.0) >= 8  # and leaves half of the steps to the glass


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("method", ["sa", "apt", "pa", "sqa"])
def test_flat_instance_is_answered(method):
    flat = IsingInstance(np.zeros((3, 3)), np.zeros(3))
    betas = {} if method == "sqa" else {"betas": search_betas(flat, method, 10)}
    assert anneal(flat, method, 10, n_runs=3, **betas).energy == 0.0


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize("size", [1e-308, 1e308])
def test_fields_without_a_finite_beta_are_refused(size):
    instance = IsingInstance.from_edges(2, [(0, 1)], [size])
    text = f"Largest field must be in 1e-300..1e300 for betas, not {size:g}; scale the instance"
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        default_betas(instance)


@pytest.mark.promise("anneal.betas")
@pytest.mark.parametrize(("n_betas", "expected"), [(1, [-1]), (2, [0, -1])])
def test_few_betas_are_the_ends(n_betas, expected):
    glass = generate("ea3d", L=4, seed=1)
    np.testing.assert_allclose(default_betas(glass, n_betas), default_betas(glass)[expected])
