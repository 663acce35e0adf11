"""One rule for the seeds of every sampler and search, and one for what is no schedule."""

import re

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.golden.replicas.tempering import temper
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Schedule
from spinchip.models.logic.circuits import solve
from spinchip.sim.runs import anneal_run
from spinchip.sim.samplers.by_name import backend

NAMES = ("reference", "bitsliced", "golden", "smtj", "smtj-autonomous", "crossbar")
RING = generate("ring", n=24, J=1.0, h=0.0)


def states(name, seed):
    """Return what a backend or a search draws from a seed; free spins at beta 0.05 hardly ever agree by chance."""
    if name == "anneal":
        return anneal(RING, "sa", 2, n_runs=4, seed=seed, betas=[0.05]).run_spins
    return backend(name).sample(RING, Schedule.constant(0.05, 3), n_chains=4, seed=seed).spins[:, -1]


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("name", [*NAMES, "anneal"])
def test_seed_is_any_whole_number_everywhere(name):
    plain = states(name, 3)
    for seed in (np.int64(3), np.uint8(3)):
        assert np.array_equal(states(name, seed), plain)
    for seed in (3 + 2**64, 3 + 2**70):
        assert not np.array_equal(states(name, seed), plain)
    for seed in (-1, 0.5, 3.0, None, True):
        text = f"Seed must be a whole number of at least 0, not {seed!r}"
        with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
            states(name, seed)


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("name", [*NAMES, "anneal"])
def test_neighbouring_seeds_share_no_chain(name):
    drawn = np.concatenate([states(name, seed) for seed in range(4)])
    assert len(np.unique(drawn, axis=0)) == len(drawn)  # 16 of 2^24 states: equal ones by chance 7e-6


@pytest.mark.promise("anneal.seeds")
def test_machines_of_tempering_are_of_the_seed_and_their_number(monkeypatch):
    """Run r of seed s was run r - 1 of seed s + 1."""
    glass, loaded = generate("sk", n=24, seed=1), []

    def spy(program, seed):
        loaded.append(program.seeds(seed))
        return temper(program, seed)

    monkeypatch.setattr(anneal_run, "temper", spy)
    for seed in (0, 1, np.int64(2)):
        anneal_run.temper_on("golden", glass, 1, 3, seed)
    words = np.concatenate([one.ravel() for one in loaded])
    assert len(loaded) == 9
    assert len(words) < 20_000  # of random words of 32 bits fewer than 0.05 pairs would agree; the seeds are fixed
    assert len(np.unique(words)) == len(words)


@pytest.mark.promise("anneal.seeds")
def test_steps_of_a_ring_are_of_the_seed_and_their_number():
    """Step k of seed s was step k - 1 of seed s + 7919."""
    glass = generate("sk", n=16, seed=1)
    first, other = (anneal_run.rings_on(backend("golden"), glass, 2, 2, seed, n_replicas=4)[0] for seed in (0, 7919))
    assert not np.array_equal(first, other)


@pytest.mark.promise("anneal.seeds")
def test_runs_of_a_circuit_are_of_the_seed_and_their_number():
    from spinchip.models.logic.circuits import circuit

    unit = circuit("adder", bits=3)
    one, next_one = (solve(unit, 3, 4, seed).states for seed in (0, 1))
    assert not any(np.array_equal(one[r], next_one[r - 1]) for r in range(1, 4))


@pytest.mark.promise("anneal.seeds")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("schedule", [0.5, 1, (0.5, 100), None])
def test_what_is_no_schedule_is_refused_alike(name, schedule):
    with pytest.raises(InputError, match=r"^Schedule must be a Schedule, as Schedule\.constant\(0\.5, 1000\), not "):
        backend(name).sample(RING, schedule)
