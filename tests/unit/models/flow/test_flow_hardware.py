"""Boltzmann generators on hardware: exact references, realised weights, noise and acceptance by p-bits."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.flow import workload
from spinchip.models.flow.estimates import estimate, exact_profile, profile
from spinchip.models.flow.flow_spec import load_flow
from spinchip.models.flow.hardware import FlowHardware, PlainFlow, barker, latent_walk, normal_from_pbits
from spinchip.models.flow.systems import SYSTEMS, metropolis_states

WELL = SYSTEMS["double-well"]


@pytest.fixture(scope="module")
def flow():
    return load_flow("double-well")


@pytest.mark.parametrize(
    ("name", "temperature", "log_z", "difference", "energy"),
    [
        ("double-well", 1.0, 11.020467, 3.380006, -9.615144),
        ("double-well", 0.5, 21.036795, 6.849401, -10.243830),
        ("double-well", 4.0, 4.769440, 0.776861, -5.404517),
        ("mueller-brown", 1.0, 11.729591, 3.631821, -13.493404),
    ],
)
def test_references_have_their_digits(name, temperature, log_z, difference, energy):
    exact = SYSTEMS[name].exact(temperature)
    assert exact.log_z == pytest.approx(log_z, abs=1e-6)
    assert exact.difference == pytest.approx(difference, abs=1e-6)
    assert exact.energy == pytest.approx(energy, abs=1e-6)


def gauss_legendre(a, b, n_pieces=20, n_points=60):
    """Return points and weights of a composite rule."""
    x, w = np.polynomial.legendre.leggauss(n_points)
    edges = np.linspace(a, b, n_pieces + 1)
    half = 0.5 * np.diff(edges)[:, None]
    return (0.5 * (edges[1:] + edges[:-1])[:, None] + half * x).ravel(), (half * w).ravel()


@pytest.mark.parametrize("name", SYSTEMS)
def test_references_are_those_of_another_quadrature(name):
    """Midpoints against Gauss and Legendre: within 2e-7; 3.631790, which stood here, lies 3e-5 off."""
    system, exact = SYSTEMS[name], SYSTEMS[name].exact()
    parts = [gauss_legendre(*ends) for ends in system.box]
    low, high = system.box[system.axis]
    halves = [gauss_legendre(low, system.split), gauss_legendre(system.split, high)]
    parts[system.axis] = tuple(np.concatenate(part) for part in zip(*halves, strict=True))
    points = np.stack([one.ravel() for one in np.meshgrid(parts[0][0], parts[1][0], indexing="ij")], axis=1)
    logs = -system.energy(points)
    weight = np.outer(parts[0][1], parts[1][1]).ravel() * np.exp(logs - logs.max())
    far = system.is_far(points)
    difference = np.log(weight[~far].sum() / weight[far].sum())
    assert exact.difference == pytest.approx(difference, abs=2e-7)
    assert exact.log_z == pytest.approx(np.log(weight.sum()) + logs.max(), abs=2e-7)
    assert workload.REFERENCES[name] == pytest.approx((exact.log_z, exact.difference), abs=3e-7)
    assert abs(3.631790 - difference) > 2e-5


@pytest.mark.promise("van.lost-modes")
@pytest.mark.parametrize("name", SYSTEMS)
def test_shipped_flows_have_the_free_energy(name):
    drawn = PlainFlow(*load_flow(name)).draw(40_000, 1)
    found, exact = estimate(SYSTEMS[name], drawn.x, drawn.realised), SYSTEMS[name].exact()
    assert abs(found.difference - exact.difference) < 0.05
    assert abs(found.log_z - exact.log_z) < 0.02
    if name == "mueller-brown":  # its rarest points are too heavy for an error bar: k = 0.87
        assert found.faults[0].startswith("the tail of the weights is too heavy: Pareto's k is 0.8")
        assert found.log_z_error == found.difference_error == np.inf
    else:
        assert abs(found.difference - exact.difference) < 4.5 * found.difference_error < 0.15
        assert abs(found.log_z - exact.log_z) < 4.5 * found.log_z_error < 0.05
    assert found.effective > 0.5
    assert np.abs(drawn.realised - drawn.ideal).max() < 1e-6


@pytest.mark.promise("flow.hardware")
@pytest.mark.parametrize("noise", [0.05, 0.1])
def test_only_realised_densities_stay_unbiased_on_noisy_nets(flow, noise):
    """Outputs of the nets 5 and 10 % off anew at every draw: realised weights agree, those on paper are far off."""
    drawn = PlainFlow(*flow, FlowHardware(output_noise=noise)).draw(60_000, 2)
    found, ideal = (estimate(WELL, drawn.x, one) for one in (drawn.realised, drawn.ideal))
    exact = WELL.exact()
    assert abs(found.difference - exact.difference) < 4.5 * found.difference_error < 0.4
    assert abs(found.log_z - exact.log_z) < 4.5 * found.log_z_error < 0.15
    assert abs(ideal.log_z - exact.log_z) > 10.0 * found.log_z_error
    assert found.effective < 0.72


def test_nets_on_memristors_cost_states_and_no_truth(flow):
    drawn = PlainFlow(*flow, FlowHardware("rram_cmo"), 3).draw(40_000, 2)
    found, exact = estimate(WELL, drawn.x, drawn.realised), WELL.exact()
    assert abs(found.log_z - exact.log_z) < 4.5 * found.log_z_error
    exact_nets = PlainFlow(*flow).draw(40_000, 2)
    assert 0.1 < found.effective < estimate(WELL, exact_nets.x, exact_nets.realised).effective - 0.02


def test_noise_of_p_bits_is_normal_and_a_biased_p_bit_is_not():
    """16 bits: moments of a million numbers within 5 errors; a p-bit of 0.53 shifts the mean by 30."""
    rng = np.random.default_rng(1)
    fair, biased = (normal_from_pbits(1_000_000, FlowHardware(bias=b), rng) for b in (0.5, 0.53))
    assert abs(fair.mean()) < 5e-3
    assert abs(fair.var() - 1.0) < 5.0 * np.sqrt(2.0) * 1e-3
    assert abs(biased.mean()) > 3e-2


def test_biased_p_bits_shift_the_free_energy(flow):
    drawn = PlainFlow(*flow, FlowHardware(bias=0.53)).draw(40_000, 2)
    found = estimate(WELL, drawn.x, drawn.realised)
    fair = PlainFlow(*flow).draw(40_000, 2)
    fair = estimate(WELL, fair.x, fair.realised)
    assert abs(found.difference - WELL.exact().difference) > 4.5 * fair.difference_error


@pytest.mark.promise("flow.hardware")
def test_acceptance_is_the_sigmoid_of_a_p_bit():
    change = np.repeat(np.linspace(-4.0, 4.0, 9), 40_000)
    found = barker(change, np.random.default_rng(2)).reshape(9, -1).mean(axis=1)
    wanted = 1.0 / (1.0 + np.exp(np.linspace(-4.0, 4.0, 9)))
    assert np.abs((found - wanted) / np.sqrt(wanted * (1.0 - wanted) / 40_000)).max() < 4.5
    assert np.abs(found - np.minimum(1.0, np.exp(-np.linspace(-4.0, 4.0, 9)))).max() > 0.3  # Metropolis' rule


@pytest.mark.promise("flow.losses")
def test_walk_in_the_noise_crosses_the_barrier_and_has_the_populations(flow):
    """All walkers begin in the left well; a walk in x with such moves never leaves it."""
    plain, rng = PlainFlow(*flow), np.random.default_rng(3)
    start = plain.to_z(metropolis_states(WELL, 200, 4)[:200])[0]
    x, _, accepted = latent_walk(WELL, plain, start, 800, 1.0, 5)
    assert 0.2 < accepted < 0.8
    share = WELL.is_far(x[200:].reshape(-1, 2)).reshape(600, 200).mean(axis=0)
    exact = 1.0 / (1.0 + np.exp(WELL.exact().difference))
    assert abs(share.mean() - exact) < 4.5 * share.std(ddof=1) / np.sqrt(200) < 0.02
    near = np.repeat(WELL.starts()[:1], 200, axis=0)
    for _ in range(1500):
        moved = near + 0.1 * rng.standard_normal(near.shape)
        near = np.where(barker(WELL.energy(moved) - WELL.energy(near), rng)[:, None], moved, near)
    assert not WELL.is_far(near).any()


def test_profile_is_that_of_quadrature(flow):
    drawn = PlainFlow(*flow).draw(40_000, 6)
    edges = np.linspace(-2.4, -1.2, 13)
    found, error = profile(WELL, drawn.x, drawn.realised, edges)
    off = found - exact_profile(WELL, edges)
    assert (np.abs(off - off.mean()) < 4.5 * error + 0.02).all()


def test_bad_hardware_is_refused():
    for bad, rule in (({"bias": 1.0}, "bias between 0 and 1"), ({"noise_bits": 0}, "1 to 32")):
        with pytest.raises(InputError, match=rule):
            FlowHardware(**bad)
    with pytest.raises(InputError, match="Points must be 200 or more"):
        estimate(WELL, np.zeros((5, 2)), np.zeros(5))
    with pytest.raises(InputError, match="Temperature must be above 0"):
        WELL.exact(0.0)
