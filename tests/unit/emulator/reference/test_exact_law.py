"""Both reference backends against laws by enumeration, with sample sizes that reject broken samplers."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.coloring import find_coloring
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

BETA = 0.6
BACKENDS = {
    "float32": ReferenceSampler,
    "float64": lambda: ReferenceSampler("float64"),
    "bitsliced": BitSlicedSampler,
}


@pytest.fixture(params=BACKENDS)
def sampler(request):
    return BACKENDS[request.param]()


def last_states(sampler, instance, segments, n_chains, **options):
    """Return the last states of independent chains; nothing is recorded."""
    schedule = Schedule(tuple(segments))
    recording = Recording(after=schedule.n_sweeps, spins=False)
    return sampler.sample(instance, schedule, n_chains, seed=11, recording=recording, **options).final_spins


def sweeps_to_equilibrium(exact, instance, law, n_states, clamps=None):
    """Return sweeps after which the law is so close that ``n_states`` states shift Pearson's statistic by < 0.01."""
    first = np.where(clamps == 0, -1, clamps) if clamps is not None else -np.ones(instance.n_spins)
    for n_sweeps in range(5, 400, 5):
        reached = exact.after_sweeps(instance, [(BETA, n_sweeps)], first, clamps)
        possible = law > 0
        if n_states * ((reached - law)[possible] ** 2 / law[possible]).sum() < 0.01:
            return n_sweeps
    raise AssertionError("The instance mixes too slowly for this test")


def negated(instance):
    return replace(instance, biases=-instance.biases)


@pytest.mark.promise("reference.law", "reference.bit-sliced")
@pytest.mark.parametrize("seed", [1, 2])
def test_stationary_law_is_boltzmann(sampler, exact, seed):
    instance = exact.small_instance(6, seed)
    law, hot = exact.boltzmann(instance, BETA), exact.boltzmann(instance, 0.9 * BETA)
    n = max(exact.states_to_reject(law, hot), exact.states_to_reject(law, exact.boltzmann(negated(instance), BETA)))
    n_sweeps = sweeps_to_equilibrium(exact, instance, law, n)
    assert exact.p_value(last_states(sampler, instance, [(BETA, n_sweeps)], n), law) > exact.ALPHA
    for broken, beta in ((instance, 0.9 * BETA), (negated(instance), BETA)):
        spins = last_states(sampler, broken, [(beta, n_sweeps)], n)
        assert exact.p_value(spins, law) < exact.ALPHA, f"test too weak: {n=}"


@pytest.mark.promise("reference.law")
def test_clamped_law_is_conditional(sampler, exact):
    instance = exact.small_instance(7, seed=3)
    clamps = np.array([0, 1, 0, 0, -1, 0, 0], dtype=np.int8)
    law, free = exact.boltzmann(instance, BETA, clamps), exact.boltzmann(instance, BETA, 0 * clamps)
    n = exact.states_to_reject(free, law)
    n_sweeps = sweeps_to_equilibrium(exact, instance, law, n, clamps)
    spins = last_states(sampler, instance, [(BETA, n_sweeps)], n, clamps=clamps)
    assert exact.p_value(spins, law) > exact.ALPHA
    assert exact.p_value(spins, free) < exact.ALPHA
    assert exact.p_value(last_states(sampler, instance, [(BETA, n_sweeps)], n), law) < exact.ALPHA


@pytest.mark.promise("reference.options")
def test_law_along_a_schedule(sampler, exact):
    """Far from equilibrium the law tells the order of betas, the number of sweeps, the order of colours, the start."""
    instance = exact.small_instance(6, seed=4)
    first = np.array([1, -1, -1, 1, 1, -1], dtype=np.int8)
    segments = [(0.3, 1), (0.9, 2)]
    law = exact.after_sweeps(instance, segments, first)
    wrongs = {
        "reversed": ([(0.9, 2), (0.3, 1)], first),
        "one sweep short": ([(0.3, 1), (0.9, 1)], first),
        "one sweep more": ([(0.3, 2), (0.9, 2)], first),
        "other start": (segments, -first),
    }
    n = max(exact.states_to_reject(law, exact.after_sweeps(instance, *wrong)) for wrong in wrongs.values())
    assert exact.p_value(last_states(sampler, instance, segments, n, initial=first), law) > exact.ALPHA
    for name, (broken, start) in wrongs.items():
        spins = last_states(sampler, instance, broken, n, initial=start)
        assert exact.p_value(spins, law) < exact.ALPHA, name


@pytest.mark.promise("reference.law")
def test_recorded_states_follow_the_law(sampler, exact):
    """States kept along the chains, thinned until they are independent for this test, and their moments."""
    instance = exact.small_instance(5, seed=5)
    law, hot = exact.boltzmann(instance, BETA), exact.boltzmann(instance, 0.9 * BETA)
    n, n_chains = exact.states_to_reject(law, hot), 80
    every = sweeps_to_equilibrium(exact, instance, law, n)
    schedule, recording = Schedule.constant(BETA, every * (n // n_chains + 2)), Recording(after=every, every=every)
    samples = sampler.sample(instance, schedule, n_chains, seed=5, recording=recording)
    kept = samples.spins.reshape(-1, 5)
    assert len(kept) >= n
    assert exact.p_value(kept, law) > exact.ALPHA
    means = law @ exact.all_states(5)
    z = (samples.spin_means - means) / np.sqrt((1 - means**2) / len(kept))
    assert np.abs(z).max() < 6, "six standard errors: 1e-8 for five spins"


@pytest.mark.parametrize("largest", [1, 2, 5, 9])
def test_cold_spins_take_the_sign_of_their_field(sampler, exact, largest):
    """At beta = 200 only a field of zero leaves a choice: every sum, carry and sign of up to 62 units is checked."""
    rng = np.random.default_rng(largest)
    edges = exact.small_instance(12, seed=largest).edges
    values = rng.integers(1, largest + 1, len(edges)) * rng.choice([-1, 1], len(edges))
    instance = IsingInstance.from_edges(12, edges, values, rng.integers(-2, 3, 12))
    first, colors = rng.choice([-1, 1], (2000, 12)).astype(np.int8), find_coloring(instance)
    last = last_states(sampler, instance, [(200.0, 1)], 2000, initial=first)
    ties = []
    for color in range(colors.max() + 1):
        fields = instance.local_fields(np.where(colors < color, last, first))[:, colors == color]
        updated = last[:, colors == color]
        assert (updated == np.sign(fields))[fields != 0].all()
        ties.append(updated[fields == 0])
    ties = np.concatenate(ties)
    assert len(ties) > 1000 or largest > 2, "large couplings may leave no sum of zero"
    assert abs(ties.sum()) <= 6 * np.sqrt(len(ties)), "a field of zero is a fair coin: six sigma"
