"""Masked networks in JAX: parameter counts, masks by autodiff, normalisation, gradients, training, the quick rule."""

import numpy as np
import pytest
from scipy.special import expit

from spinchip.emulator.spec.errors import InputError
from spinchip.models.van.exact import enumerated, sk_couplings
from spinchip.models.van.fvsbn import enumerated_states
from spinchip.models.van.hidden import HiddenNetwork
from spinchip.models.van.training import VanPlan, energies_of, free_energy

jax = pytest.importorskip("jax")
masked = pytest.importorskip("spinchip.models.van.masked")
reinforce = pytest.importorskip("spinchip.models.van.reinforce")
MaskedSpec = masked.MaskedSpec

SMALL = {
    "convolution": MaskedSpec("convolution", 3, 3, 4, 1),
    "residual convolution": MaskedSpec("convolution", 3, 4, 4, 1, is_residual=True),
    "dense": MaskedSpec("dense", 3, 3, 2),
    "residual dense": MaskedSpec("dense", 3, 4, 2, is_residual=True),
    "hidden": MaskedSpec("dense", 1, 2, 4, n_spins=8),
}


def shaken(spec, seed=1, scale=0.3):
    """Return parameters, all of them moved: biases and slopes too."""
    rng = np.random.default_rng(seed)
    return jax.tree_util.tree_map(
        lambda leaf: leaf + scale * rng.standard_normal(leaf.shape).astype(np.float32), masked.init(spec, seed)
    )


@pytest.mark.promise("van.networks")
@pytest.mark.parametrize(
    ("spec", "count"),
    [
        (MaskedSpec("convolution", 16, 3, 64, 6), 714_113),
        (MaskedSpec("convolution", 16, 6, 64, 3, is_residual=True), 826_369),
        (MaskedSpec("dense", 16, 3, 4), 1_577_216),
        (MaskedSpec("dense", 16, 6, 2, is_residual=True), 2_366_720),
    ],
)
def test_networks_of_the_paper_have_its_parameter_counts(spec, count):
    assert masked.n_parameters(masked.init(spec, 1)) == count


@pytest.mark.promise("van.networks")
@pytest.mark.parametrize("name", SMALL)
def test_no_output_sees_its_own_spin_or_a_later_one(name):
    """Autodiff: the Jacobian of the fields is strictly lower triangular, full below but for a convolution's reach."""
    spec, n = SMALL[name], SMALL[name].n_spins
    params = shaken(spec)
    state = np.random.default_rng(2).choice([-1.0, 1.0], n).astype(np.float32)
    slopes = np.asarray(jax.jacobian(lambda x: masked.fields(spec, params, x[None])[0])(state))
    assert not np.triu(slopes).any()
    assert (np.tril(slopes, -1) != 0).sum() >= (0.9 if spec.kind == "convolution" else 1.0) * n * (n - 1) / 2


@pytest.mark.promise("van.networks")
@pytest.mark.parametrize("is_mixed", [False, True])
@pytest.mark.parametrize("name", SMALL)
def test_probabilities_of_all_states_add_up_to_one(name, is_mixed):
    spec = SMALL[name]
    log_q = np.asarray(masked.log_probabilities(spec, shaken(spec), enumerated_states(spec.n_spins), is_mixed))
    assert np.exp(log_q).sum() == pytest.approx(1.0, abs=1e-6)
    if is_mixed:
        np.testing.assert_allclose(log_q, log_q[::-1], atol=1e-5)  # bit i is spin i, so the reverse is at the other end


@pytest.mark.parametrize("is_mixed", [False, True])
@pytest.mark.parametrize("name", ["convolution", "residual dense", "hidden"])
def test_drawn_states_follow_the_probabilities(name, is_mixed):
    """60 000 states: magnetisations and pair products within 4.5 errors of the sums; of the reversed network not."""
    spec = SMALL[name]
    params, every = shaken(spec), enumerated_states(spec.n_spins).astype(float)
    q = np.exp(np.asarray(masked.log_probabilities(spec, params, every, is_mixed), dtype=np.float64))
    spins = reinforce.draw(spec, params, 60_000, 3, is_mixed).astype(float)
    pairs = np.triu_indices(spec.n_spins, 1)

    def features(states):
        return np.concatenate([states, states[:, pairs[0]] * states[:, pairs[1]]], axis=1)

    exact = q @ features(every)
    error = np.sqrt(np.maximum(1.0 - exact**2, 1e-6) / len(spins))
    assert np.abs((features(spins).mean(axis=0) - exact) / error).max() < 4.5
    assert np.abs((features(spins[:, ::-1]).mean(axis=0) - exact) / error).max() > 10.0


@pytest.mark.promise("van.networks")
@pytest.mark.slow
def test_gradient_is_that_of_the_enumerated_free_energy():
    """The surrogate over all states, each as often as q says, against autodiff of sum q (beta E + ln q)."""
    spec = SMALL["hidden"]
    params, every = shaken(spec), enumerated_states(8)
    energies = energies_of(sk_couplings(8, 1), every).astype(np.float32)

    def exact(params):
        log_q = masked.log_probabilities(spec, params, every)
        return (jax.numpy.exp(log_q) * (energies + log_q)).sum()

    def estimate(params):
        log_q = masked.log_probabilities(spec, params, every)
        q = jax.lax.stop_gradient(jax.numpy.exp(log_q))
        reward = jax.lax.stop_gradient(energies + log_q)
        return (q * (reward - (q * reward).sum()) * log_q).sum()

    wanted, found = jax.grad(exact)(params), jax.grad(estimate)(params)
    for a, b in zip(*(jax.tree_util.tree_leaves(one) for one in (wanted, found)), strict=True):
        np.testing.assert_allclose(b, a, atol=2e-5)
    drawn = reinforce.draw(spec, params, 200_000, 4)
    sampled = jax.grad(lambda p: reinforce.surrogate(spec, False, p, drawn, energies_of(sk_couplings(8, 1), drawn)))(
        params
    )
    for a, b in zip(*(jax.tree_util.tree_leaves(one) for one in (wanted, sampled)), strict=True):
        np.testing.assert_allclose(b, a, atol=0.02)


def test_quick_rule_is_the_network_itself():
    spec = SMALL["hidden"]
    params = shaken(spec)
    quick = reinforce.hidden_network(spec, params)
    every = enumerated_states(8)
    np.testing.assert_allclose(quick.fields(every), masked.fields(spec, params, every), atol=1e-5)
    assert quick.n_parameters == 4 * (28 + 36)
    twenty = MaskedSpec("dense", 1, 2, 5, n_spins=20)
    assert reinforce.hidden_network(twenty, masked.init(twenty, 1)).n_parameters == 2000


def test_seeds_of_any_size_draw_and_differ():
    spec = SMALL["hidden"]
    one, other = (reinforce.draw(spec, shaken(spec), 100, 2**70 + k) for k in range(2))
    assert not np.array_equal(one, other)


@pytest.mark.slow
def test_hidden_units_and_symmetry_come_nearer_than_one_layer():
    """12 spins at beta = 1: enumerated free energy to 3e-4, never below the exact one; reweighted energy agrees."""
    couplings, spec = sk_couplings(12, 3), MaskedSpec("dense", 1, 2, 8, n_spins=12)
    plan = VanPlan((0.25, 0.5, 0.75, 1.0), 80, 500, 0.01)
    params = reinforce.train_masked(spec, couplings, plan, 1, is_mixed=True)[1.0]
    every, exact = enumerated_states(12), enumerated(couplings, (1.0,))[0]
    log_q = np.asarray(masked.log_probabilities(spec, params, every, True), dtype=np.float64)
    found = np.exp(log_q) @ (energies_of(couplings, every) + log_q) / 12
    assert -1e-6 < found - exact.free_energy < 3e-4 * abs(exact.free_energy)
    spins = reinforce.draw(spec, params, 20_000, 5, True)
    drawn_q = np.asarray(masked.log_probabilities(spec, params, spins, True), dtype=np.float64)
    assert free_energy(couplings, 1.0, spins, drawn_q).energy == pytest.approx(exact.energy, abs=5e-3)


def test_bad_shapes_are_refused():
    with pytest.raises(InputError, match="Kind must be one of"):
        MaskedSpec("transformer", 4, 2, 2)
    with pytest.raises(InputError, match="spins would not be seen"):
        MaskedSpec("convolution", 16, 3, 4, 2)
    with pytest.raises(InputError, match="without a number of spins"):
        MaskedSpec("convolution", 3, 3, 4, 1, n_spins=8)
    with pytest.raises(InputError, match="dense with two layers"):
        reinforce.hidden_network(SMALL["dense"], masked.init(SMALL["dense"], 1))
    with pytest.raises(InputError, match="Couplings must be of 8 spins"):
        reinforce.train_masked(SMALL["hidden"], sk_couplings(6, 1), VanPlan((1.0,), 2, 2), 1)
    with pytest.raises(InputError, match="own spin or a later one"):
        HiddenNetwork(np.ones((4, 2)), np.zeros(4), np.ones(4), np.ones((2, 4)), np.zeros(2))


@pytest.mark.promise("nqs.strong-fields")
def test_masked_networks_draw_small_chances():
    """The threshold of 64 bits, found by bisection, is the sigmoid down to 2^-62; jax's uniform ends at 2^-23."""
    inputs = np.concatenate([np.linspace(0.1, 42.0, 64), -np.linspace(0.1, 42.0, 64)]).astype(np.float32)
    low, high = np.zeros(128, dtype=object), np.full(128, 1 << 64, dtype=object)
    for _ in range(64):
        middle = (low + high) // 2
        words = np.array([[m >> 32, m & 0xFFFFFFFF] for m in middle], dtype=np.uint32).T
        spins = np.asarray(masked.directed_spins(jax.numpy.asarray(inputs), jax.numpy.asarray(words)))
        against = spins != np.sign(inputs)
        low, high = np.where(against, middle, low), np.where(against, high, middle)
    found = (high / (1 << 64)).astype(np.float64)
    chances = expit(-np.abs(inputs.astype(np.float64)))
    assert (np.abs(found - chances) <= 2e-5 * chances + 2.0**-63).all()
