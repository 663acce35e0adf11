"""Every backend behind the Sampler protocol, through one suite."""

import numpy as np
import pytest

from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.board.compiled_board import CompiledBoard
from spinchip.sim.board.pty_board import served
from spinchip.sim.samplers.by_name import backend

# Builds in seconds, its FIFO stalls, and rings of any numbers are one design, for couplings are loaded at run time.
WORDS = {"weight": Fixed(2, 0), "bias": Fixed(3, 0), "field": Fixed(3, 0)}
SMALL = FabricOptions(n_pages=2, n_segments=2, fifo_depth=2, **WORDS)


class ServedBoard:
    """The backend board:PORT; a port is served for each design that it meets, for boards cannot change theirs."""

    def sample(self, instance, *arguments, **named):
        board = CompiledBoard(fabric_for(instance, SMALL))
        with served(board) as port:
            samples = backend(f"board:{port}", SMALL).sample(instance, *arguments, **named)
        board.close()
        return samples


BACKENDS = [
    "reference",
    "bitsliced",
    "golden",
    "smtj",
    "smtj-autonomous",
    "crossbar",
    pytest.param("icarus", marks=pytest.mark.icarus),
    pytest.param("fast", marks=pytest.mark.compiler),
    pytest.param("gates", marks=[pytest.mark.icarus, pytest.mark.fpga]),
    pytest.param("board", marks=pytest.mark.compiler),
]
MAKERS = {name: lambda name=name: backend(name, SMALL) for name in ("icarus", "fast", "gates")} | {"board": ServedBoard}
COLD = Schedule.constant(2.0, 20)


def ring_of_six(coupling, biases=None):
    """Return a ring with one coupling."""
    return IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.full(6, coupling), biases)


@pytest.fixture(scope="module", params=BACKENDS)
def sampler(request):
    name = request.param
    return MAKERS[name]() if name in MAKERS else backend(name)


@pytest.fixture(scope="module")
def frustrated():
    """Return a triangle with a tail and small-integer numbers, which every backend takes."""
    edges, values = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4)], [1.0, -1.0, 1.0, 1.0, -1.0]
    return IsingInstance.from_edges(5, edges, values, [1.0, 0.0, 0.0, -1.0, 0.0])


@pytest.mark.promise("sampler.conformance", "board.backends", "smtj.conformance")
def test_strong_bias_sets_the_sign(sampler):
    # At beta h = 14 a wrong sign has odds of e^-28, and of 2^-16 where the table is clipped: 720 draws, odds 0.01.
    wanted = np.array([1, -1] * 3)
    samples = sampler.sample(ring_of_six(-1.0, 5.0 * wanted), COLD, n_chains=6, seed=3)
    states, counts = np.unique(samples.spins.reshape(-1, 6), axis=0, return_counts=True)
    assert np.array_equal(states[np.argmax(counts)], wanted)
    assert counts.max() >= 118  # of 120: three clipped draws in 720 have odds of 2e-7


@pytest.mark.promise("smtj.conformance")
def test_shapes_types_and_counts(sampler, frustrated):
    samples = sampler.sample(frustrated, Schedule.constant(0.5, 31), 3, 1, Recording(after=10, every=4))
    assert samples.spins.shape == (3, 5, 5)
    assert samples.spins.dtype == np.int8
    assert set(np.unique(samples.spins)) == {-1, 1}
    assert samples.energies.shape == samples.magnetizations.shape == (3, 5)
    assert samples.final_spins.shape == (3, 5)
    assert samples.ledger.events["sweeps"] == 93
    assert samples.ledger.events["updates"] == 93 * 5


@pytest.mark.promise("sampler.conformance")
def test_observables_belong_to_the_states(sampler, frustrated):
    samples = sampler.sample(frustrated, Schedule.constant(0.4, 12), 4, 2)
    spins = samples.spins.astype(float)
    assert np.allclose(samples.energies, frustrated.energies(samples.spins), atol=1e-4)
    assert np.allclose(samples.magnetizations, spins.mean(axis=2), atol=1e-6)
    assert np.allclose(samples.spin_means, spins.mean(axis=(0, 1)), atol=1e-6)
    pairs = [(spins[..., i] * spins[..., j]).mean() for i, j in frustrated.edges]
    assert np.allclose(samples.edge_means, pairs, atol=1e-6)
    assert np.array_equal(samples.final_spins, samples.spins[:, -1])


@pytest.mark.promise("sampler.conformance", "board.backends")
def test_a_seed_reproduces_and_another_does_not(sampler, frustrated):
    schedule = Schedule.constant(0.3, 25)
    once, again, other = (sampler.sample(frustrated, schedule, 3, seed).spins for seed in (7, 7, 8))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert len(np.unique(once.reshape(3, -1), axis=0)) == 3  # chains differ from each other


@pytest.mark.promise("sampler.conformance", "board.backends")
def test_clamped_spins_never_move(sampler, frustrated):
    clamps = np.array([0, 1, 0, -1, 0], dtype=np.int8)
    samples = sampler.sample(frustrated, Schedule.constant(0.1, 40), 3, 5, clamps=clamps)
    assert (samples.spins[:, :, 1] == 1).all()
    assert (samples.spins[:, :, 3] == -1).all()
    free = samples.spins[:, :, [0, 2, 4]]
    assert np.ptp(free.reshape(-1, 3), axis=0).tolist() == [2, 2, 2]
    assert samples.ledger.events["updates"] == 40 * 3 * 3


def test_the_first_state_is_the_given_one(sampler):
    # Couplings so cold that a state satisfying every edge stays: odds of a flip are below 2^-15 a spin and sweep.
    ring = ring_of_six(3.0)
    for first in (np.ones(6, dtype=np.int8), -np.ones(6, dtype=np.int8)):
        samples = sampler.sample(ring, Schedule.constant(2.0, 3), 2, 1, initial=first)
        assert np.array_equal(samples.spins, np.broadcast_to(first, (2, 3, 6)))


@pytest.mark.promise("sampler.conformance")
def test_a_schedule_acts_segment_by_segment(sampler):
    # Hot, then cold: 60 sweeps at beta 0 mix, 40 at beta 3 freeze a ferromagnetic ring of 6 into one of two states.
    samples = sampler.sample(ring_of_six(1.0), Schedule(((0.0, 60), (3.0, 40))), 8, 2)
    hot, cold = samples.energies[:, :60], samples.energies[:, -1]
    assert abs(hot.mean()) < 4.5 * np.sqrt(6 / hot.size)  # sd of E at beta 0 is sqrt(6); sweeps are independent
    assert hot.mean() - cold.mean() > 3.0


def test_states_need_not_be_kept(sampler, frustrated):
    kept = sampler.sample(frustrated, Schedule.constant(0.5, 30), 3, 4)
    lean = sampler.sample(frustrated, Schedule.constant(0.5, 30), 3, 4, Recording(spins=False))
    assert lean.spins is None
    assert np.allclose(lean.energies, kept.energies, atol=1e-4)
    assert np.allclose(lean.edge_means, kept.edge_means, atol=1e-6)
