"""Swaps keep the joint law of two betas; cluster moves keep it too, and the sum of the energies exactly."""

import networkx as nx
import numpy as np
import pytest

from spinchip.emulator.annealing.packed.rows import fill_random, swap_slots
from spinchip.emulator.annealing.plain.kernels import refresh
from spinchip.emulator.annealing.plain.tempering import cluster_move, swap_neighbors
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.instance import IsingInstance

BETAS = (0.3, 0.9)
SMALLEST_FAULT = 0.6  # of the exponent, that the test shall see
ENGINES = ("plain", "packed")


def set_states(one, spins):
    """Put spins, shape (n_runs, replicas, n), into a search."""
    if not hasattr(one, "words"):
        one.replicas.spins[:] = spins.reshape(-1, spins.shape[-1])
        for k in range(len(one.replicas.energies)):
            refresh(one.problem.graph, one.replicas, k)
        return
    order = one.model.bits.layout.order
    for slot in range(len(one.words)):
        bits = (spins[:, slot][:, order].T > 0).astype(np.uint8)
        one.words[slot, :-8] = np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()
        one.count(slot)


def states_of(one):
    """Return the spins of a search, shape (n_runs, replicas, n), replicas in the order of their places."""
    if hasattr(one, "words"):
        return np.stack([one.spins(slot) for slot in range(len(one.words))], axis=1)
    return one.replicas.spins[one.slots.ravel()].reshape(one.n_runs, -1, one.problem.n_spins)


def after_one_swap(laws, engine, instance, factor):
    """Draw from the joint law, try one swap with the betas times ``factor``, and return numbers of joint states.

    Also returned: the law that the swap shall keep, and what a swap with that factor makes of it.
    """
    rungs = [laws.boltzmann(instance, beta) for beta in BETAS]
    law, least = np.outer(*rungs).ravel(), swapped_law(rungs, instance, laws, SMALLEST_FAULT)
    n_draws = 512 * -(-max(laws.draws_needed(law, least), laws.draws_needed(least, law)) // 512)
    rng, unit = np.random.default_rng(4), laws.make_problem(instance).unit
    drawn = np.stack([rng.choice(len(law), n_draws, p=law) for law in rungs], axis=1)
    spins = laws.all_states(instance.n_spins)[drawn].astype(np.int8)
    found = []
    for first in range(0, n_draws, 512):
        part = spins[first : first + 512]
        one = laws.search(engine, instance, "apt", 512, first, betas=BETAS, n_replicas=1, clusters=False)
        set_states(one, part)
        if engine == "plain":
            for run in range(512):
                swap_neighbors(one.replicas, one.slots[run], factor * unit * np.array(BETAS), 0, one.random, run)
        else:
            draws, mask = np.zeros(512, dtype=np.uint64), np.zeros(8, dtype=np.uint64)
            fill_random(draws, 64, one.random)
            step = factor * unit * (BETAS[1] - BETAS[0])
            swap_slots(one.words, (0, 1), instance.n_spins, one.energies, step, draws, mask)
            assert np.array_equal(one.energies.T * unit, instance.energies(states_of(one)))
        found.append(laws.numbers_of(states_of(one)))
    numbers = np.concatenate(found)
    return numbers[:, 0] * len(rungs[0]) + numbers[:, 1], law, swapped_law(rungs, instance, laws, factor)


def swapped_law(rungs, instance, laws, factor):
    """Return the joint law after one swap that is accepted with min(1, exp(factor dbeta dE)), from the product law."""
    energies = instance.energies(laws.all_states(instance.n_spins))
    joint = np.outer(*rungs)
    accepted = joint * np.exp(np.minimum(0.0, factor * (BETAS[1] - BETAS[0]) * (energies[None, :] - energies[:, None])))
    return (joint - accepted + accepted.T).ravel()


@pytest.mark.promise("anneal.swaps")
def test_rule_keeps_the_product_law_exactly(laws):
    """Detailed balance, without a draw: the right sign leaves every probability, the wrong one does not."""
    instance = laws.triangle(0.5)
    rungs = [laws.boltzmann(instance, beta) for beta in BETAS]
    assert np.allclose(swapped_law(rungs, instance, laws, 1), np.outer(*rungs).ravel(), rtol=1e-13, atol=0)
    assert np.abs(swapped_law(rungs, instance, laws, -1) - np.outer(*rungs).ravel()).sum() > 0.1


@pytest.mark.promise("anneal.swaps")
@pytest.mark.parametrize("engine", ENGINES)
def test_swap_keeps_the_joint_law(laws, engine):
    numbers, law, _ = after_one_swap(laws, engine, laws.triangle(0.5), factor=1.0)
    assert laws.p_value(numbers, law) > laws.ALPHA


@pytest.mark.promise("anneal.swaps")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("factor", [-1.0, SMALLEST_FAULT])
def test_swap_with_a_wrong_sign_or_size_is_rejected(laws, engine, factor):
    numbers, law, wrong = after_one_swap(laws, engine, laws.triangle(0.5), factor)
    assert laws.p_value(numbers, law) < laws.ALPHA
    assert laws.p_value(numbers, wrong) > laws.ALPHA  # the mutant does what the formula says of it


def move_clusters(one):
    """Move one cluster in every pair of replicas 0 and 1."""
    if hasattr(one, "words"):
        one.move_clusters(0)
        for slot in range(len(one.words)):
            one.count(slot)
        return
    both, scratch = one.problem.at_zero_field, np.zeros((2, one.problem.n_spins), dtype=np.int64)
    for run in range(one.n_runs):
        cluster_move(one.problem.graph, one.replicas, (2 * run, 2 * run + 1), one.random, run, both, scratch)
        assert not scratch[1].any()


def graph_of(instance):
    """Return the couplings as a graph."""
    graph = nx.Graph(instance.edges.tolist())
    graph.add_nodes_from(range(instance.n_spins))
    return graph


@pytest.mark.promise("anneal.swaps")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_cluster_move_keeps_the_sum_of_energies_and_flips_one_component(laws, engine, bias):
    glass = generate("ea3d", L=4, seed=2)
    instance = IsingInstance(glass.couplings, bias * np.sign(np.arange(64) % 3 - 0.5))
    one = laws.search(engine, instance, "apt", 512, 3, betas=BETAS[:1] + (5.0,), n_replicas=2)
    rng = np.random.default_rng(1)
    spins = rng.choice([-1, 1], (512, 4, 64)).astype(np.int8)
    unlike = rng.random((512, 4, 64)) < 0.25  # replicas that are alike have small clusters, random ones a large one
    spins[256:, 1::2] = np.where(unlike[256:, 1::2], spins[256:, 1::2], spins[256:, ::2])
    if engine == "plain":
        one = laws.search(engine, instance, "apt", 512, 3, betas=(1.0, 2.0), n_replicas=1, clusters=False)
        spins = spins[:, :2].copy()
    set_states(one, spins)
    move_clusters(one)
    after, graph, sizes = states_of(one), graph_of(instance), []
    before_energies, after_energies = instance.energies(spins), instance.energies(after)
    for a, b in [(0, 1)] if engine == "plain" else [(0, 1), (2, 3)]:
        totals = before_energies[:, a] + before_energies[:, b]
        assert np.array_equal(totals, after_energies[:, a] + after_energies[:, b])
        assert np.array_equal(spins[:, a] * spins[:, b], after[:, a] * after[:, b])
        for run in range(512):
            flipped = np.flatnonzero(spins[run, a] != after[run, a])
            products = spins[run, a] * spins[run, b]
            sign = -1 if bias or 2 * np.sum(products < 0) <= 64 else 1
            if len(flipped) == 0:
                assert not np.any(products == sign)
                continue
            inside = graph.subgraph(np.flatnonzero(products == sign).tolist())
            assert set(flipped.tolist()) == nx.node_connected_component(inside, int(flipped[0]))
            sizes.append(len(flipped))
    assert len(sizes) > 500
    assert min(sizes) == 1
    assert max(sizes) > 20
    kept = one.energies.T if hasattr(one, "words") else one.replicas.energies.reshape(512, -1)
    assert np.array_equal(kept, after_energies)


@pytest.mark.promise("anneal.swaps")
@pytest.mark.parametrize("both_signs", [False, True])
def test_shortcut_is_right_at_zero_field_alone(laws, both_signs):
    """Joint law of two replicas after one cluster move: kept without the shortcut, broken by it under a field."""
    instance, beta = laws.triangle(0.5), 0.4
    law = laws.boltzmann(instance, beta)
    joint = np.outer(law, law).ravel()
    wrong = shortcut_law(laws, instance, law)
    n_draws = max(laws.draws_needed(joint, wrong), laws.draws_needed(wrong, joint))
    rng = np.random.default_rng(6)
    spins = laws.all_states(3)[rng.choice(8, (n_draws, 2), p=law)].astype(np.int8)
    one = laws.search("plain", instance, "apt", n_draws, 5, betas=(1.0, 2.0), n_replicas=1, clusters=False)
    set_states(one, spins)
    scratch = np.zeros((2, 3), dtype=np.int64)
    for run in range(n_draws):
        pair = (2 * run, 2 * run + 1)
        cluster_move(one.problem.graph, one.replicas, pair, one.random, run, both_signs, scratch)
    numbers = laws.numbers_of(states_of(one)) @ [8, 1]
    right, other = (wrong, joint) if both_signs else (joint, wrong)
    assert laws.p_value(numbers, right) > laws.ALPHA
    assert laws.p_value(numbers, other) < laws.ALPHA


def shortcut_law(laws, instance, law):
    """Return the joint law after the shortcut; on three coupled spins the smaller set is connected."""
    joint, states = np.zeros((8, 8)), laws.all_states(3)
    for a in range(8):
        for b in range(8):
            differ = states[a] != states[b]
            flipped = np.where(differ if 2 * differ.sum() <= 3 else ~differ, -1, 1)
            after = laws.numbers_of(np.stack([states[a] * flipped, states[b] * flipped]))
            joint[after[0], after[1]] += law[a] * law[b]
    return joint.ravel()
