"""Flows in JAX: inverses, determinants by autodiff, losses, training, and the identity of the steerable flow."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.flow.estimates import estimate
from spinchip.models.flow.flow_spec import FlowSpec, load_flow, save_flow
from spinchip.models.flow.hardware import PlainFlow
from spinchip.models.flow.systems import SYSTEMS, metropolis_states

jax = pytest.importorskip("jax")
coupling = pytest.importorskip("spinchip.models.flow.coupling")
losses = pytest.importorskip("spinchip.models.flow.losses")
training = pytest.importorskip("spinchip.models.flow.training")
FlowPlan = training.FlowPlan

SPECS = [FlowSpec("realnvp", 4, 16), FlowSpec("nice", 4, 16), FlowSpec("realnvp", 5, 8, n_dims=3)]
WELL = SYSTEMS["double-well"]


def shaken(spec, seed=2):
    rng = np.random.default_rng(seed)
    return jax.tree_util.tree_map(
        lambda leaf: leaf + 0.2 * rng.standard_normal(leaf.shape).astype(np.float32), coupling.init(spec, seed)
    )


@pytest.mark.promise("flow.losses")
@pytest.mark.parametrize("spec", SPECS, ids=["realnvp", "nice", "three"])
def test_inverse_and_determinant(spec):
    """Back and forth to 1e-4; ln det against autodiff to 1e-4, and the plain flow against JAX."""
    params, z = shaken(spec), np.random.default_rng(3).standard_normal((50, spec.n_dims)).astype(np.float32)
    x, log_det = coupling.to_x(spec, params, z)
    back, inverse = coupling.to_z(spec, params, x)
    np.testing.assert_allclose(back, z, atol=1e-4)
    np.testing.assert_allclose(inverse, -log_det, atol=1e-4)
    for k in range(10):
        slope = jax.jacobian(lambda one: coupling.to_x(spec, params, one[None])[0][0])(z[k])
        assert np.linalg.slogdet(slope)[1] == pytest.approx(float(log_det[k]), abs=1e-4)
    plain = PlainFlow(spec, params)
    np.testing.assert_allclose(plain.to_x(z)[0], x, rtol=2e-4, atol=2e-4)
    np.testing.assert_allclose(plain.to_x(z)[1], log_det, atol=2e-4)
    np.testing.assert_allclose(plain.to_z(plain.to_x(z)[0])[0], z, atol=1e-9)


def test_density_of_a_flow_adds_up_to_one():
    """A 400 x 400 grid in x; noise of another variance too."""
    spec = FlowSpec("nice", 4, 16)
    params = shaken(spec)
    drawn = np.asarray(coupling.to_x(spec, params, np.random.default_rng(1).standard_normal((4000, 2)))[0])
    axes = [np.linspace(*(drawn[:, k].mean() + np.array([-1, 1]) * 7.0 * drawn[:, k].std()), 400) for k in (0, 1)]
    points = np.stack([one.ravel() for one in np.meshgrid(*axes, indexing="ij")], axis=1).astype(np.float32)
    cell = np.prod([one[1] - one[0] for one in axes])
    for variance in (1.0, 0.5):
        total = np.exp(np.asarray(coupling.log_density(spec, params, points, variance), dtype=np.float64)).sum() * cell
        assert total == pytest.approx(1.0, abs=2e-3)


@pytest.mark.promise("flow.temperature")
def test_steerable_flow_keeps_its_identity_for_any_weights():
    """A constant Jacobian: ln p_tau - ln p_1 / tau is one number; a flow that scales breaks it."""
    x = np.random.default_rng(4).standard_normal((200, 2)).astype(np.float32)
    spreads = []
    for spec in SPECS[1::-1]:
        params = shaken(spec)
        one, other = (np.asarray(coupling.log_density(spec, params, x, v), dtype=np.float64) for v in (1.0, 2.5))
        spreads.append(np.ptp(other - one / 2.5))
    assert spreads[0] < 1e-4
    assert spreads[1] > 1e-2


@pytest.mark.promise("flow.losses")
def test_losses_have_their_values():
    """The identity as a flow: KL is the mean energy, ML the mean square, forces of a Gaussian match."""
    spec = FlowSpec("nice", 2, 8)
    params = jax.tree_util.tree_map(np.zeros_like, coupling.init(spec, 1))
    z = np.random.default_rng(5).standard_normal((500, 2)).astype(np.float32)
    assert float(losses.kl_loss(spec, params, WELL, z)) == pytest.approx(WELL.energy(z.astype(float)).mean(), rel=1e-4)
    assert float(losses.ml_loss(spec, params, z)) == pytest.approx(0.5 * (z**2).sum(axis=1).mean(), rel=1e-5)
    assert float(losses.force_loss(spec, params, z, -z)) == pytest.approx(0.0, abs=1e-8)
    assert float(losses.force_loss(spec, params, z, z)) == pytest.approx(4.0 * (z**2).sum(axis=1).mean(), rel=1e-4)
    spread = np.stack([np.linspace(-2.5, 2.5, 500), np.zeros(500)], axis=1).astype(np.float32)
    ends = (-2.5, 2.5)
    assert (
        losses.rc_loss(spec, params, WELL, spread, ends) < losses.rc_loss(spec, params, WELL, 0.1 * spread, ends) - 1.0
    )
    assert float(losses.capped(np.float32(1e9))) < 1.1e3


@pytest.mark.promise("flow.systems")
@pytest.mark.slow
def test_training_by_data_reaches_the_free_energy(tmp_path):
    """500 steps by data: |dF - 3.380| < 0.1 with an effective share above 0.2; and the archive keeps it."""
    spec = FlowSpec("realnvp", 6, 32)
    params = training.train_flow(spec, WELL, metropolis_states(WELL, 1000, 1), [FlowPlan(500, ml=1.0)], 1)
    drawn = PlainFlow(spec, params).draw(40_000, 2)
    found = estimate(WELL, drawn.x, drawn.realised)
    assert abs(found.difference - 3.380006) < 0.1
    assert found.effective > 0.2
    untrained = PlainFlow(spec, coupling.init(spec, 1)).draw(40_000, 2)
    assert estimate(WELL, untrained.x, untrained.realised).effective < 0.5 * found.effective
    save_flow(tmp_path / "own.npz", spec, params)
    again = PlainFlow(*load_flow(tmp_path / "own.npz")).draw(100, 3)
    np.testing.assert_array_equal(again.x, PlainFlow(spec, params).draw(100, 3).x)


def test_bad_plans_are_refused():
    with pytest.raises(InputError, match="one of ml, kl and force above 0"):
        FlowPlan(10)
    with pytest.raises(InputError, match="Kind must be one of"):
        FlowSpec("glow")
    with pytest.raises(InputError, match="flow must be a file of save_flow or one of"):
        load_flow("no-such-flow")
