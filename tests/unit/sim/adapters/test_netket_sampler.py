"""`PbitSampler` keeps the protocol that NetKet asks of samplers, their law and their energies, kernel and backends."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError, SpinchipError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.rbm import published_rbm

nk = pytest.importorskip("netket")
jax = pytest.importorskip("jax")
flax = pytest.importorskip("flax")
PbitSampler = pytest.importorskip("spinchip.sim.adapters.netket_sampler").PbitSampler

pytestmark = pytest.mark.filterwarnings("ignore")  # NetKet's own
RING = nk.graph.Hypercube(length=4, n_dim=1)
FREE, NEUTRAL = nk.hilbert.Spin(0.5, 4), nk.hilbert.Spin(0.5, 4, total_sz=0)


def half_log_cosh(x):
    return 0.5 * nk.nn.log_cosh(x)


def bumpy(module, n=4, seed=3, scale=0.4):
    """Return parameters of a module, every one of them normal."""
    found = module.init(jax.random.PRNGKey(0), np.zeros((1, n)))
    rng = np.random.default_rng(seed)
    return jax.tree_util.tree_map(lambda x: (scale * rng.standard_normal(x.shape)).astype(x.dtype), found)


NETWORKS = {
    "standard": nk.models.RBM(alpha=1),
    "modified": nk.models.RBM(alpha=2, activation=half_log_cosh, use_visible_bias=False),
    "symmetric": nk.models.RBMSymm(symmetries=RING.translation_group(), alpha=2),
    "complex dtype": nk.models.RBM(alpha=1, param_dtype=complex),
}


@pytest.mark.parametrize("hilbert", [FREE, NEUTRAL], ids=["free", "neutral"])
def test_states_lie_in_the_space(hilbert):
    sampler, module = PbitSampler(hilbert), NETWORKS["standard"]
    weights = bumpy(module)
    first = sampler.init_state(
        module, weights, seed=3
    )  # without a seed NetKet draws one, and a rare state may be missed
    samples, state = sampler.sample(module, weights, state=first, chain_length=50)
    assert samples.shape == (sampler.n_chains, 50, 4)
    numbers = hilbert.states_to_numbers(np.asarray(samples).reshape(-1, 4))
    assert set(np.unique(numbers)) == set(range(hilbert.n_states))
    assert state.sweeps_per_record >= 1.0
    assert (state.sweeps_per_record > 1.2) == hilbert.constrained
    assert sampler.is_exact is False
    assert sampler.n_chains == sampler.n_batches == 16


@pytest.mark.parametrize("name", NETWORKS)
def test_log_probabilities_are_those_of_the_network(name):
    module, sampler = NETWORKS[name], PbitSampler(FREE)
    weights = bumpy(module)
    (samples, found), _ = sampler.sample(module, weights, chain_length=3, return_log_probabilities=True)
    expected = 2.0 * np.asarray(module.apply(weights, samples.reshape(-1, 4))).real
    np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-12)


@pytest.mark.promise("nqs.netket")
@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("hilbert", [FREE, NEUTRAL], ids=["free", "neutral"])
def test_law_is_the_power_of_the_amplitude(hilbert, name, power):
    """Shares of the states in 100 chains: chains are independent, whatever their memory (up to 1000 sweeps here)."""
    module = NETWORKS[name]
    weights = bumpy(module)
    if name == "modified" and power == 1:
        with pytest.raises(InputError, match="Boltzmann machine with 1..4"):
            PbitSampler(hilbert, machine_pow=1).sample(module, weights, chain_length=1)
        return
    sampler = PbitSampler(hilbert, machine_pow=power, n_chains=100)
    samples, _ = sampler.sample(module, weights, chain_length=4000, state=sampler.init_state(module, weights, seed=5))
    numbers = hilbert.states_to_numbers(np.asarray(samples).reshape(-1, 4)).reshape(100, 4000)
    shares = np.stack([(numbers == k).mean(axis=1) for k in range(hilbert.n_states)])

    def largest_z(power):
        law = np.abs(nk.nn.to_array(hilbert, module, weights, normalize=False)) ** power
        law /= law.sum()
        error = np.maximum(shares.std(axis=1, ddof=1) / 10, np.sqrt(law * (1 - law) / numbers.size))
        return np.abs((shares.mean(axis=1) - law) / error).max()

    assert largest_z(power) < 4.5  # 16 laws of 16 states at most: one of a hundred seeds would exceed it
    assert largest_z(3 - power) > 10  # the other power is rejected with the same states


def test_half_a_log_cosh_is_told_from_a_whole_one():
    """The same weights, two activations: one hidden layer for |psi|^2, and two."""
    network = pytest.importorskip("spinchip.sim.adapters.netket_network")
    weights = bumpy(NETWORKS["modified"])
    whole = nk.models.RBM(alpha=2, use_visible_bias=False)
    one, two = (network.boltzmann_machine(m, weights, 2.0, 4) for m in (NETWORKS["modified"], whole))
    assert (one.hidden_biases.size, two.hidden_biases.size) == (8, 16)


@pytest.mark.promise("nqs.netket")
@pytest.mark.parametrize(
    ("on", "fabric"), [("blocks", None), ("reference", None), ("golden", FabricOptions(dense=True)), ("smtj", None)]
)
@pytest.mark.parametrize("hilbert", [FREE, NEUTRAL], ids=["free", "neutral"])
def test_energies_on_backends_are_those_of_all_states(hilbert, on, fabric):
    """64 chains of 200 states, five sweeps apart on backends; the memory left is in NetKet's own error."""
    module = NETWORKS["modified"]
    weights = bumpy(module)
    model = nk.operator.Ising(FREE, RING, h=1.0) if hilbert is FREE else nk.operator.Heisenberg(NEUTRAL, RING)
    exact = nk.vqs.FullSumState(hilbert, module, variables=weights).expect(model).mean.real
    sampler = PbitSampler(hilbert, on, n_chains=64, sweep_size=5, fabric=fabric)
    state = nk.vqs.MCState(sampler, module, variables=weights, n_samples=64 * 200, sampler_seed=1)
    found = state.expect(model)
    assert abs(found.mean.real - exact) < 4.5 * found.error_of_mean
    assert found.error_of_mean < 0.015 * abs(exact)
    assert found.R_hat < 1.05


@pytest.mark.promise("nqs.netket")
@pytest.mark.slow
def test_training_reaches_the_ground_state():
    """8 spins at h = 1 by NetKet's own VMC_SR, states from p-bits: 1e-3 of the exact energy."""
    graph, hilbert = nk.graph.Hypercube(length=8, n_dim=1), nk.hilbert.Spin(0.5, 8)
    model = nk.operator.Ising(hilbert, graph, h=1.0)
    module = nk.models.RBM(alpha=2, activation=half_log_cosh, use_visible_bias=False, param_dtype=float)
    state = nk.vqs.MCState(PbitSampler(hilbert), module, n_samples=1008, seed=2, sampler_seed=3)
    driver = nk.driver.VMC_SR(model, nk.optimizer.Sgd(0.05), variational_state=state, diag_shift=0.01)
    driver.run(150, show_progress=False, out=nk.logging.RuntimeLog())
    exact = nk.exact.lanczos_ed(model)[0]
    full = nk.vqs.FullSumState(hilbert, module, variables=state.variables).expect(model).mean.real
    assert 0.0 <= full - exact < 1e-3 * abs(exact)


@pytest.mark.promise("nqs.netket")
@pytest.mark.slow
def test_published_network_has_the_same_energy_in_netket():
    """The 16-site network as a NetKet RBM, on our bonds: the energy of the paper to its digits."""
    rbm, lattice = published_rbm(16, 2), Lattice((4, 4))
    graph, hilbert = nk.graph.Graph(edges=lattice.bonds.tolist()), nk.hilbert.Spin(0.5, 16, total_sz=0)
    module = nk.models.RBM(alpha=2, activation=half_log_cosh, use_visible_bias=False)
    weights = {"params": {"Dense": {"kernel": rbm.weights(), "bias": rbm.hidden_biases()}}}
    model = nk.operator.Heisenberg(hilbert, graph, sign_rule=True)
    exact = nk.vqs.FullSumState(hilbert, module, variables=weights).expect(model).mean.real / 64
    assert exact == pytest.approx(-0.7010580, abs=5e-8)
    state = nk.vqs.MCState(PbitSampler(hilbert, n_chains=32), module, variables=weights, n_samples=16000)
    found = state.expect(model)
    assert abs(found.mean.real / 64 - exact) < 4.5 * found.error_of_mean / 64


def test_states_of_samplers_serialise_and_seeds_decide():
    sampler, module = PbitSampler(FREE), NETWORKS["standard"]
    weights = bumpy(module)
    first = sampler.init_state(module, weights, seed=7)
    samples, later = sampler.sample(module, weights, state=first, chain_length=10)
    again, _ = sampler.sample(module, weights, state=sampler.init_state(module, weights, seed=7), chain_length=10)
    other, _ = sampler.sample(module, weights, state=sampler.init_state(module, weights, seed=8), chain_length=10)
    assert np.array_equal(samples, again)
    assert not np.array_equal(samples, other)
    stored = flax.serialization.from_bytes(first, flax.serialization.to_bytes(later))
    assert np.array_equal(stored.σ, later.σ)
    assert np.array_equal(
        sampler.sample(module, weights, state=stored, chain_length=5)[0],
        sampler.sample(module, weights, state=later, chain_length=5)[0],
    )


def test_machines_that_are_none_are_refused():
    good = NETWORKS["standard"]
    with pytest.raises(InputError, match="spins 1/2, not"):
        PbitSampler(nk.hilbert.Fock(3, 4))
    with pytest.raises(InputError, match="free or of total Sz = 0"):
        PbitSampler(nk.hilbert.Spin(0.5, 4, total_sz=1))
    with pytest.raises(InputError, match="Backend must be one of"):
        PbitSampler(FREE, "abacus")
    with pytest.raises(InputError, match="with a hardware backend"):
        PbitSampler(FREE, fabric=FabricOptions())
    weights = jax.tree_util.tree_map(lambda x: x * (1.0 + 0.1j), bumpy(NETWORKS["complex dtype"]))
    with pytest.raises(InputError, match="Weights must be real"):
        PbitSampler(FREE).sample(NETWORKS["complex dtype"], weights, chain_length=1)
    relu = nk.models.RBM(alpha=1, activation=nk.nn.relu)
    with pytest.raises(InputError, match="Boltzmann machine with 1..4 equal hidden layers"):
        PbitSampler(FREE).sample(relu, bumpy(relu), chain_length=1)
    jastrow = nk.models.Jastrow()
    with pytest.raises(InputError, match="one linear layer 'Dense'"):
        PbitSampler(FREE).sample(jastrow, bumpy(jastrow), chain_length=1)
    broken = jax.tree_util.tree_map(lambda x: x * np.nan, bumpy(good))
    with pytest.raises(InputError, match="must be finite"):
        PbitSampler(FREE).sample(good, broken, chain_length=1)


@pytest.mark.parametrize("on", ["blocks", "reference"])
def test_frozen_chains_off_zero_magnetisation_end_with_an_error(on):
    """Fields of 40 on every visible spin: no neutral state is ever met."""
    module = NETWORKS["standard"]
    weights = bumpy(module)
    weights["params"]["visible_bias"] = np.full(4, 20.0)
    with pytest.raises(SpinchipError, match="frozen"):
        PbitSampler(NEUTRAL, on, n_burn_in=10).sample(module, weights, chain_length=1)
