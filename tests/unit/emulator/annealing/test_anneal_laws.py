"""Every method against the exact law of an enumerable system, on both sets of kernels, beside laws that are off."""

import numpy as np
import pytest

from spinchip.emulator.annealing.packed.searches import trotter_blocks

BETA = 0.4
LADDER = (0.2, 0.4, 0.7)
ENGINES = ("plain", "packed")


def final_states(laws, engine, instance, method, n_draws, sweeps, **settings):
    """Return the last states of ``n_draws`` independent runs, replicas in the order of betas or along the ring.

    Returns
    -------
    ndarray, shape (n_draws, n_replicas, n), int8
    """
    n, found, seed = instance.n_spins, [], 0
    while sum(len(part) for part in found) < n_draws:
        one = laws.search(engine, instance, method, n_draws, seed, **settings)
        one.advance(0, sweeps)
        if engine == "packed":  # lanes are runs, or runs times blocks of a ring
            states = np.stack([one.spins(slot) for slot in range(len(one.words))], axis=1)
            found.append(states.reshape(-1, one.replicas_per_run, n))
        else:
            places = one.slots.ravel() if method == "apt" else slice(None)
            found.append(one.replicas.spins[places].reshape(n_draws, -1, n))
        seed += 1
    return np.concatenate(found)[:n_draws]


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("engine", ENGINES)
def test_annealing_at_one_beta_follows_boltzmann(laws, engine):
    instance = laws.chain()
    law, wrong = laws.boltzmann(instance, BETA), laws.boltzmann(instance, 1.2 * BETA)
    n_draws = laws.draws_needed(wrong, law)
    states = final_states(laws, engine, instance, "sa", n_draws, 40, betas=[BETA])
    numbers = laws.numbers_of(states[:, 0])
    assert laws.p_value(numbers, law) > laws.ALPHA
    assert laws.p_value(numbers, wrong) < laws.ALPHA


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("bias", [0.0, 0.5])
def test_tempering_follows_boltzmann_at_every_beta(laws, engine, bias):
    """Joint law of two neighbouring betas: a product, which swaps and clusters must not tie together."""
    instance = laws.triangle(bias)
    rungs = [laws.boltzmann(instance, beta) for beta in LADDER]
    n_draws = laws.draws_needed(laws.boltzmann(instance, 1.2 * BETA), rungs[1])
    states = final_states(laws, engine, instance, "apt", n_draws, 40, betas=LADDER, n_replicas=2)
    numbers = laws.numbers_of(states)
    for first, second in ((0, 1), (2, 3), (0, 2), (2, 4), (1, 3)):
        joint = np.outer(rungs[first // 2], rungs[second // 2]).ravel()
        assert laws.p_value(numbers[:, first] * 8 + numbers[:, second], joint) > laws.ALPHA
    assert laws.p_value(numbers[:, 2], laws.boltzmann(instance, 1.2 * BETA)) < laws.ALPHA


def law_of_first_spins(laws, n_replicas, beta, coupling):
    """Return the joint law of the first of two spins in every replica of a ring."""
    law = laws.trotter_law(laws.pair(), n_replicas, beta, coupling)
    firsts = laws.all_states(2 * n_replicas)[:, ::2]
    return np.bincount(laws.numbers_of(firsts), law)


@pytest.mark.promise("anneal.methods")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("n_replicas", "n_lanes"), [(3, 1), (4, 2), (6, 2), (8, 4)])
def test_ring_of_replicas_follows_the_trotter_law(laws, engine, n_replicas, n_lanes):
    """The packed kernels lay these rings in one, two and four lanes, of odd and even depth."""
    gamma = 1.0
    coupling = -0.5 * np.log(np.tanh(BETA * gamma))
    law = law_of_first_spins(laws, n_replicas, BETA, coupling)
    others = [law_of_first_spins(laws, n_replicas, *pair) for pair in ((1.3 * BETA, coupling), (BETA, 1.2 * coupling))]
    n_runs = max(laws.draws_needed(other, law) for other in others)
    settings = {"n_replicas": n_replicas, "beta": BETA, "gammas": [gamma]}
    states = final_states(laws, engine, laws.pair(), "sqa", n_runs, 60, **settings)
    assert trotter_blocks(n_replicas) == n_lanes
    numbers = laws.numbers_of(states[:, :, 0])
    assert laws.p_value(numbers, law) > laws.ALPHA
    assert [laws.p_value(numbers, other) < laws.ALPHA for other in others] == [True, True]


@pytest.mark.promise("anneal.methods")
def test_small_ring_follows_the_joint_law_of_all_spins(laws):
    """Three replicas of two spins, both engines: the in-plane couplings of every replica, not of the first alone."""
    law, wrong = (laws.trotter_law(laws.pair(), 3, BETA, coupling) for coupling in (0.5, 0.6))
    n_runs = laws.draws_needed(wrong, law)
    gamma = float(np.arctanh(np.exp(-2 * 0.5)) / BETA)
    for engine in ENGINES:
        settings = {"n_replicas": 3, "beta": BETA, "gammas": [gamma]}
        states = final_states(laws, engine, laws.pair(), "sqa", n_runs, 60, **settings)
        numbers = laws.numbers_of(states.reshape(n_runs, 6))
        assert laws.p_value(numbers, law) > laws.ALPHA
        assert laws.p_value(numbers, wrong) < laws.ALPHA


def quantum_mean(instance, beta, gamma):
    """Return <s_0 s_1> of the transverse-field model at inverse temperature ``beta``, by diagonalisation."""
    x, z, one = np.array([[0, 1], [1, 0]]), np.diag([1.0, -1.0]), np.eye(2)
    pair = np.kron(z, z)
    fields = instance.biases[0] * np.kron(z, one) + instance.biases[1] * np.kron(one, z)
    energy = -instance.edge_values[0] * pair - fields - gamma * (np.kron(x, one) + np.kron(one, x))
    levels, vectors = np.linalg.eigh(energy)
    weights = np.exp(-beta * (levels - levels.min()))
    return float(weights @ np.einsum("ik,ij,jk->k", vectors, pair, vectors) / weights.sum())


@pytest.mark.promise("anneal.methods")
def test_half_ln_tanh_is_the_coupling_of_the_quantum_system(laws):
    """The Trotter error falls as 1/R^2; with the published factor of one, the ring tends to another system."""
    instance, beta, gamma = laws.pair(), 1.0, 1.0
    exact, errors = quantum_mean(instance, beta, gamma), {}
    for factor in (0.5, 1.0):
        for n_replicas in (4, 8):
            settings = laws.make_settings(
                "sqa",
                {"n_replicas": n_replicas, "beta": beta / n_replicas, "gammas": [gamma], "coupling_factor": factor},
            )
            law = laws.trotter_law(instance, n_replicas, settings.beta, settings.couplings(1)[0])
            states = laws.all_states(2 * n_replicas)
            errors[factor, n_replicas] = abs(law @ (states[:, 0] * states[:, 1]) - exact)
    assert 3.5 < errors[0.5, 4] / errors[0.5, 8] < 4.5
    assert errors[1.0, 8] > 20 * errors[0.5, 8]


def test_default_field_is_the_published_line(laws):
    couplings = laws.make_settings("sqa", {"coupling_factor": 1.0}).couplings(100)
    fields = np.arctanh(np.exp(-couplings)) / 0.5
    assert np.allclose(fields, 3 * (1 - np.arange(1, 101) / 100) + 1e-5, rtol=1e-9)


def z_scores(laws, instance, last, n_runs, seed):
    """Return how far Z and the mean energy at ``last``, as population annealing estimates them, are from the truth."""
    betas = np.linspace(last / 8, last, 8)
    one = laws.search("plain", instance, "pa", n_runs, seed, sweeps=8, betas=betas, population=20)
    one.advance(0, 8)
    states = laws.all_states(instance.n_spins)
    energies = instance.energies(states)
    ratios = np.exp(np.array(one.facts()["log_z"])) / np.exp(-BETA * energies).sum()
    means = instance.energies(one.replicas.spins).reshape(n_runs, -1).mean(axis=1)
    shifts = ratios * (means - laws.boltzmann(instance, BETA) @ energies)
    return [(x.mean()) / (x.std(ddof=1) / np.sqrt(n_runs)) for x in (ratios - 1, shifts)]


@pytest.mark.promise("anneal.methods")
def test_population_estimates_z_and_energy_without_bias(laws):
    """Means over runs of Z's estimate, and of it times any mean over the population, are exact for any population."""
    instance = laws.triangle(0.5)
    assert max(abs(z) for z in z_scores(laws, instance, BETA, 4000, seed=1)) < 5  # two-sided 6e-7
    assert min(abs(z) for z in z_scores(laws, instance, 1.1 * BETA, 4000, seed=2)) > 5
