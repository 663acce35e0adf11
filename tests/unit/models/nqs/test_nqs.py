"""Neural quantum states: physics, the mapping and its wrong variants, samplers, local energies, training, monitor."""

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError, SpinchipError
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.autocorrelation import integrated_time
from spinchip.models.nqs.crossbar_inference import AnalogRead, analog_state
from spinchip.models.nqs.hamiltonian import Heisenberg, TransverseIsing, exact_ground_state, spins_of_states
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.local_energy import local_energies
from spinchip.models.nqs.mapping import BoltzmannMachine, enumerated_marginal, ising_of
from spinchip.models.nqs.monitor import mixing_of
from spinchip.models.nqs.rbm import MODIFIED, STANDARD, SymmetricRbm, near_origin, published_rbm, random_rbm, read_rbm
from spinchip.models.nqs.references import ISING_6X6, heisenberg_chain_energy, ising_chain_energy
from spinchip.models.nqs.sampling import Plan, draw_gibbs, draw_metropolis, draw_on, first_states
from spinchip.models.nqs.sampling_kernels import draw_pbits
from spinchip.models.nqs.training import TrainingPlan, measure, train

RING, SQUARE = Lattice((8,)), Lattice((4, 4))
BUMPY = random_rbm(RING, 2, seed=3, scale=0.4)


def every_state(n):
    return (2 * ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1) - 1).astype(np.int8)


def squares(rbm):
    """Return |psi|^2 of all states, normalised."""
    logs = rbm.log_psi(every_state(rbm.lattice.n_sites))
    law = np.exp(2.0 * (logs - logs.max()))
    return law / law.sum()


@pytest.mark.promise("nqs.physics")
@pytest.mark.parametrize(
    ("model", "exact"),
    [
        (Heisenberg(SQUARE), -0.7017802005),
        (Heisenberg(Lattice((12,))), heisenberg_chain_energy(12)),
        (TransverseIsing(Lattice((12,)), 1.0), ising_chain_energy(12, 1.0)),
        (TransverseIsing(Lattice((10,)), 0.5), ising_chain_energy(10, 0.5)),
    ],
    ids=["square", "ring", "critical", "ordered"],
)
def test_lanczos_agrees_with_closed_forms_and_the_state_is_positive(model, exact):
    energy, vector = exact_ground_state(model)
    assert energy / model.lattice.n_sites == pytest.approx(exact, abs=1e-9)
    assert vector.min() > 0.0


@pytest.mark.promise("nqs.physics")
def test_reference_energies_have_their_printed_digits():
    assert heisenberg_chain_energy(16) == pytest.approx(-0.4463935225, abs=1e-10)
    assert heisenberg_chain_energy(80) == pytest.approx(-0.4432759519, abs=1e-10)
    assert ising_chain_energy(80, 0.5) == pytest.approx(-1.0635444, abs=1e-7)
    assert exact_ground_state(Heisenberg(SQUARE, 0.5))[0] * 4 == pytest.approx(-33.83169340558, abs=1e-6)


@pytest.mark.promise("nqs.physics")
def test_correlations_of_the_square_are_fabianis():
    model = Heisenberg(SQUARE)
    spins, (_, vector) = spins_of_states(model), exact_ground_state(model)
    far = np.ravel_multi_index((2, 2), (4, 4))
    assert 0.75 * (vector**2 @ (spins[:, 0] * spins[:, far])) == pytest.approx(0.179625, abs=1e-6)


@pytest.mark.promise("nqs.mapping")
@pytest.mark.parametrize("gamma", [MODIFIED, STANDARD])
def test_marginal_of_the_instance_is_the_square_of_the_state(gamma):
    rbm = SymmetricRbm(RING, BUMPY.biases, BUMPY.filters, gamma)
    assert np.abs(enumerated_marginal(ising_of(rbm), 8) - squares(rbm)).max() < 1e-12


@pytest.mark.promise("nqs.mapping")
def test_wrong_mappings_are_rejected():
    """Doubled weights instead of the modified ansatz, and a standard one whose hidden layer stands there once."""
    doubled = BoltzmannMachine(2.0 * BUMPY.weights(), 2.0 * BUMPY.hidden_biases()).instance("doubled weights")
    assert 0.5 * np.abs(enumerated_marginal(doubled, 8) - squares(BUMPY)).sum() > 0.05
    standard = SymmetricRbm(RING, BUMPY.biases, BUMPY.filters, STANDARD)
    single = BoltzmannMachine(standard.weights(), standard.hidden_biases()).instance("single layer")
    assert 0.5 * np.abs(enumerated_marginal(single, 8) - squares(standard)).sum() > 0.05


@pytest.mark.promise("nqs.published-weights")
def test_published_network_has_its_published_numbers():
    rbm, model = published_rbm(16, 2), Heisenberg(SQUARE)
    states = spins_of_states(model)
    law = squares(rbm)
    index = (states > 0) @ (1 << np.arange(16))
    weight = law[index]
    energy = weight @ local_energies(model, rbm, states) / weight.sum() * model.unit / 16
    assert energy == pytest.approx(-0.7010580, abs=5e-8)
    assert weight.sum() == pytest.approx(0.547415, abs=5e-7)


@pytest.mark.parametrize("model", [Heisenberg(RING), Heisenberg(SQUARE, 0.5), TransverseIsing(RING, 0.7)])
def test_local_energies_are_rows_of_the_matrix(model):
    rbm = random_rbm(model.lattice, 2, seed=4, scale=0.5)
    states = spins_of_states(model)
    psi = np.exp(rbm.log_psi(states) - rbm.log_psi(states).max())
    expected = (model.matrix() @ psi) / psi
    np.testing.assert_allclose(local_energies(model, rbm, states) * model.unit, expected, rtol=1e-10, atol=1e-10)


def test_local_energies_keep_their_digits_at_large_weights():
    rbm = SymmetricRbm(RING, BUMPY.biases, 20.0 * BUMPY.filters)
    states, model = spins_of_states(Heisenberg(RING)), Heisenberg(RING)
    matrix, logs = model.matrix(), rbm.log_psi(states)
    row = int(np.argmax(logs))
    columns = matrix[[row]].indices
    expected = (matrix[[row]].data * np.exp(logs[columns] - logs[row])).sum()
    assert local_energies(model, rbm, states[[row]])[0] * model.unit == pytest.approx(expected, rel=1e-10)


def test_derivatives_are_those_of_log_psi():
    rbm, states = random_rbm(Lattice((4, 3)), 2, seed=5, scale=0.5), every_state(12)[::97]
    slopes = rbm.log_derivatives(states)
    for k in (0, 1, 2, 7, 14, 25):
        step = np.zeros(rbm.parameters.size)
        step[k] = 1e-6
        above, below = (rbm.with_parameters(rbm.parameters + sign * step).log_psi(states) for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, k], (above - below) / 2e-6, atol=1e-6)


@pytest.mark.promise("nqs.sparse")
def test_sparse_networks_have_their_neighbours_and_their_derivatives():
    """Filters within two steps: 13 neighbours on every side; other weights are no parameters and stay 0."""
    lattice = Lattice((6, 6))
    support = near_origin(lattice, 2)
    rbm = random_rbm(lattice, 2, seed=5, scale=0.5, support=support)
    assert set((rbm.weights() != 0).sum(axis=0)) == {13}
    assert set((rbm.weights() != 0).sum(axis=1)) == {26}
    assert rbm.parameters.size == 2 * (1 + 13)
    whole, states = SymmetricRbm(lattice, rbm.biases, rbm.filters), first_states(36, Plan(20), 1)
    kept = np.concatenate([np.full(2, True), np.tile(support, 2)])
    np.testing.assert_allclose(rbm.log_derivatives(states), whole.log_derivatives(states)[:, kept], atol=1e-12)
    moved = rbm.with_parameters(rbm.parameters + 0.1)
    assert not moved.filters[:, ~support].any()
    np.testing.assert_allclose(moved.parameters, rbm.parameters + 0.1)
    with pytest.raises(InputError, match="0 outside their support"):
        SymmetricRbm(lattice, rbm.biases, rbm.filters + 0.1, support=support)
    with pytest.raises(InputError, match="Support must be of shape"):
        SymmetricRbm(lattice, rbm.biases, rbm.filters, support=support[:4])


@pytest.mark.promise("nqs.sparse")
def test_sparse_network_reaches_the_square_in_a_field():
    """6 x 6 at h = 3 with 13 neighbours: within the published 1.6e-3 (of 35 x 35) of exact diagonalisation."""
    model = TransverseIsing(Lattice((6, 6)), 3.0)
    start = random_rbm(model.lattice, 1, 1, support=near_origin(model.lattice, 2))
    rbm = train(model, start, TrainingPlan(120, 0.05), 1).rbm
    energy, error, _ = measure(model, rbm, Plan(32, 400, 200), 1)
    assert 1.0 - energy / (ISING_6X6 / 36) < 1.6e-3 - 4.0 * error / 3.2
    onsite = train(model, random_rbm(model.lattice, 1, 1, support=near_origin(model.lattice, 0)), TrainingPlan(40), 1)
    assert 1.0 - measure(model, onsite.rbm, Plan(32, 400, 200), 1)[0] / (ISING_6X6 / 36) > 5e-3


def test_pbit_kernel_has_the_sigmoid_of_its_field():
    """64 000 draws at each of 200 fields between -6 and 6: tanh to 1 %, and a slope 2 % off would be seen."""
    field = np.tile(np.linspace(-6.0, 6.0, 200, dtype=np.float32), (64, 1))
    streams = np.random.default_rng(1).integers(1, 1 << 32, field.shape, dtype=np.uint32)
    fine = np.arange(1, 65, dtype=np.uint64)
    total, spins = np.zeros(200), np.empty_like(field)
    for _ in range(1000):
        draw_pbits(field, spins, streams, fine)
        total += spins.sum(axis=0)
    mean, exact = total / 64_000, np.tanh(field[0].astype(np.float64))
    z = (mean - exact) / np.sqrt((1.0 - exact**2) / 64_000 + 1e-9)
    assert stats.chi2.sf(z @ z, 200) > 1e-4
    off = (mean - np.tanh(1.02 * field[0])) / np.sqrt((1.0 - exact**2) / 64_000 + 1e-9)
    assert stats.chi2.sf(off @ off, 200) < 1e-12


def distance(rbm, states, is_neutral=False):
    """Return the total variation of drawn states from the exact law, and its mean over exact samples."""
    law = squares(rbm)
    if is_neutral:
        law = law * (every_state(rbm.lattice.n_sites).sum(axis=1) == 0)
        law = law / law.sum()
    counts = np.bincount((states > 0) @ (1 << np.arange(states.shape[1])), minlength=law.size)
    floor = 0.5 * np.sqrt(2.0 / np.pi * law * (1.0 - law) / len(states)).sum()
    return 0.5 * np.abs(counts / len(states) - law).sum(), floor


@pytest.mark.promise("nqs.mapping")
@pytest.mark.parametrize("gamma", [MODIFIED, STANDARD])
@pytest.mark.parametrize("is_neutral", [False, True])
@pytest.mark.parametrize("draw", [draw_gibbs, draw_metropolis])
def test_samplers_follow_the_square_of_the_state(draw, gamma, is_neutral):
    rbm = SymmetricRbm(RING, BUMPY.biases, BUMPY.filters, gamma)
    burn_in = 200 if draw is draw_gibbs else 60  # the doubled hidden layer mixes ten times more slowly
    found = draw(rbm, Plan(4000, 5, burn_in, is_neutral), 1)
    states = found.spins[:, -1]
    far, floor = distance(rbm, states, is_neutral)
    assert far < 1.35 * floor
    other = random_rbm(RING, 2, seed=4, scale=0.4)
    assert distance(other, states, is_neutral)[0] > 3.0 * floor
    if is_neutral:
        assert not states.sum(axis=1).any()


def test_sweeps_a_kept_state_are_one_over_the_share_of_neutral_ones():
    found = draw_gibbs(published_rbm(16, 2), Plan(100, 300, 100, True), 2)
    assert found.sweeps_per_record == pytest.approx(1.0 / 0.547415, rel=0.06)


def test_backends_draw_the_published_energy():
    rbm, model = published_rbm(16, 2), Heisenberg(SQUARE)
    plan, schedule = Plan(300, 1, 0, True), Schedule.constant(1.0, 160)
    for sampler in (ReferenceSampler(), GoldenSampler()):
        states = draw_on(sampler, rbm, plan, schedule, 1, Recording(after=100, every=20))
        local = local_energies(model, rbm, states) * model.unit / 16
        assert abs(local.mean() + 0.7010580) < 4.0 * local.std() * np.sqrt(2.0 / local.size)


@pytest.mark.promise("nqs.monitor")
def test_frozen_chain_off_zero_magnetisation_ends_with_an_error():
    field = SymmetricRbm(RING, np.array([0.0]), np.full((1, 8), 3.0))  # all spins up or all down
    with pytest.raises(SpinchipError, match="a state without magnetisation within 50 sweeps, not none"):
        draw_gibbs(field, Plan(4, 10, 10, True, 50), 1)


@pytest.mark.promise("nqs.monitor")
def test_frozen_network_is_flagged_and_a_healthy_one_is_not():
    rbm, model = published_rbm(36, 2), Heisenberg(Lattice((6, 6)))
    frozen = rbm.with_parameters(3.0 * rbm.parameters)
    drawn = draw_gibbs(frozen, Plan(8, 100, 100, on_frozen="ignore"), 1)
    found = mixing_of(local_energies(model, frozen, drawn.flat).reshape(8, 100), drawn.spins)
    assert found.is_frozen
    assert not measure(model, rbm, Plan(32, 200, 100, True), 1)[2].is_frozen


def test_tau_of_an_autoregressive_chain_is_known():
    rng, a = np.random.default_rng(1), 0.6
    x = np.empty((32, 4000))
    x[:, 0] = rng.standard_normal(32) / np.sqrt(1.0 - a**2)
    for t in range(1, 4000):
        x[:, t] = a * x[:, t - 1] + rng.standard_normal(32)
    assert 0.5 * integrated_time(x) == pytest.approx(0.5 * (1.0 + a) / (1.0 - a), rel=0.05)


@pytest.mark.promise("nqs.vmc")
@pytest.mark.parametrize("sampler", ["gibbs", "metropolis"])
def test_training_reaches_the_ground_state_of_a_ring(sampler):
    model = TransverseIsing(Lattice((10,)), 1.0)
    plan = TrainingPlan(150, 0.05, sampler=sampler)
    found = train(model, random_rbm(model.lattice, 2, 1), plan, 1)
    exact = ising_chain_energy(10, 1.0)
    assert abs(1.0 - found.energies[-20:].mean() / exact) < 5e-4
    assert 1.0 - found.energies[0] / exact > 0.01
    assert not found.mixing.is_frozen


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: Lattice((2, 2)), "sides of 3 or more"),
        (lambda: Heisenberg(Lattice((5,))), "Sides must be even"),
        (lambda: TransverseIsing(RING, 0.0), "Transverse field must be above 0"),
        (lambda: exact_ground_state(Heisenberg(Lattice((6, 6)))), "Sites must be at most 20"),
        (lambda: published_rbm(25, 2), "Published network must be one of"),
        (lambda: SymmetricRbm(RING, np.zeros(2), np.zeros((2, 7))), "Filters must be of shape"),
        (lambda: SymmetricRbm(RING, np.full(2, np.nan), np.zeros((2, 8))), "Weights must be finite"),
        (lambda: heisenberg_chain_energy(7), "even number of 4 or more"),
        (lambda: TrainingPlan(sampler="magic"), "Sampler must be one of"),
        (
            lambda: draw_on(ReferenceSampler(), BUMPY, Plan(), Schedule.constant(0.5, 5), 1, Recording()),
            "Beta of a wave function must be 1",
        ),
    ],
)
def test_bad_input_is_one_line(call, fault):
    with pytest.raises(InputError, match=fault):
        call()


def test_file_of_another_size_is_refused(tmp_path):
    (tmp_path / "w.txt").write_text("1\n2\n3\n")
    with pytest.raises(InputError, match="file must hold 34 numbers, not 3"):
        read_rbm(tmp_path / "w.txt", SQUARE, 2)


def test_first_state_that_counts_is_no_fair_one():
    """Where a chain enters zero magnetisation is another law than where it is: without passing states over it shows."""
    found = [draw_gibbs(BUMPY, Plan(4000, 1, skipped, True), 3).spins[:, 0] for skipped in (0, 200)]
    (entered, floor), (settled, _) = (distance(BUMPY, states, True) for states in found)
    assert entered > 1.5 * floor
    assert settled < 1.35 * floor


@pytest.mark.promise("nqs.crossbar")
def test_exact_crossbar_gives_the_network_itself():
    model, rbm = Heisenberg(SQUARE), published_rbm(16, 2)
    found = analog_state(model, rbm, AnalogRead("ideal", 0.0, None, None, "none"), 1)
    assert found.overlap == pytest.approx(found.overlap_of_network, abs=1e-12)
    assert found.energy == pytest.approx(found.energy_of_network, abs=1e-12)
    assert found.relative_error == pytest.approx(1.0291e-3, abs=1e-6)


@pytest.mark.promise("nqs.crossbar")
def test_overlap_falls_with_noise_and_rises_with_pairs():
    model, rbm = Heisenberg(SQUARE), published_rbm(16, 2)
    reads = (AnalogRead("ideal", compensation="none"), AnalogRead("pcm_ibm", n_pairs=4), AnalogRead("pcm_ibm"))
    overlaps = [np.mean([analog_state(model, rbm, read, seed).overlap for seed in range(4)]) for read in reads]
    assert 0.998 > overlaps[0] > overlaps[1] + 0.05 > overlaps[2] + 0.1
