"""Telegraph cards of magnets with the exact diffusion, and that with Legendre series and Brown's limit."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.polynomial import legendre
from scipy.linalg import eigh

from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.diffusion import solve
from spinchip.emulator.devices.junction.from_magnet import measure, switching_drive, telegraph_card, transfer_error
from spinchip.emulator.devices.junction.magnet import EllipticLayer, Magnet
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.seeds import child_seed

COLD = Magnet(1.1e6, 1e-24, 0.3)


def axial(delta):
    return replace(COLD, anisotropy_T=(0.0, 0.0, 2 * delta * COLD.thermal_field_T))


def legendre_rate(delta, x, n_terms=50):
    """Return the smallest positive eigenvalue over D by Galerkin's method: another way to the same number."""
    u, w = legendre.leggauss(300)
    density = w * np.exp(delta * ((u + x) ** 2 - (1 + abs(x)) ** 2))
    values = legendre.legvander(u, n_terms - 1)
    slopes = np.stack([legendre.legval(u, legendre.legder(row)) for row in np.eye(n_terms)], axis=1)
    stiffness = slopes.T @ (slopes * (density * (1 - u**2))[:, None])
    return eigh(stiffness, values.T @ (values * density[:, None]), eigvals_only=True)[1]


@pytest.mark.parametrize(("delta", "x"), [(0.0, 0.0), (1.0, 0.0), (3.0, 0.2), (6.0, -0.3), (10.0, 0.0)])
def test_slowest_rate_is_that_of_a_legendre_series(delta, x):
    rate = solve(axial(delta), x).rate_Hz * 2 * COLD.relaxation_s
    assert rate == pytest.approx(legendre_rate(delta, x), rel=1e-5)
    assert rate != pytest.approx(legendre_rate(delta + 0.01, x), rel=1e-4)


def test_free_magnet_decays_at_its_relaxation_time():
    assert solve(COLD).rate_Hz * COLD.relaxation_s == pytest.approx(1.0, rel=1e-9)


def test_high_barriers_approach_browns_limit():
    errors = []
    for delta in (10.0, 20.0, 40.0):
        x = 0.1
        sides = (1 + x) * math.exp(-delta * (1 + x) ** 2) + (1 - x) * math.exp(-delta * (1 - x) ** 2)
        brown = 2 * delta**1.5 / math.sqrt(math.pi) * (1 - x**2) * sides  # Source: Brown 1963, Eq. 4.47
        errors.append(brown / (solve(axial(delta), x).rate_Hz * 2 * COLD.relaxation_s) - 1)
    assert errors[0] > errors[1] > errors[2] > 0
    assert errors[2] == pytest.approx(errors[1] / 2, rel=0.25)  # the correction is of order 1 / Delta


def test_shares_and_mean_are_boltzmann():
    u, w = legendre.leggauss(400)
    found = solve(axial(3.0), 0.2)
    density = w * np.exp(3.0 * (u + 0.2) ** 2)
    assert found.mean == pytest.approx((u * density).sum() / density.sum(), abs=1e-6)
    assert found.share_up + solve(axial(3.0), -0.2).share_up == pytest.approx(1.0)
    up, down = found.dwell_s
    assert 1 / up + 1 / down == pytest.approx(found.rate_Hz)
    assert up / (up + down) == pytest.approx(found.share_up)


@pytest.mark.promise("smtj.macrospin")
@pytest.mark.parametrize("unit", ["T", "A"])
def test_card_has_the_magnets_curve_and_time(unit):
    for delta, error in ((4.0, 0.004), (8.0, 0.0005)):
        magnet = axial(delta)
        card = telegraph_card(magnet, unit, name="disc", cv_barrier=0.077)
        assert isinstance(card, SmtjCard)
        assert (card.name, card.cv_barrier, card.exponent) == ("disc", 0.077, 2.0)
        assert card.barrier_kT == pytest.approx(delta)
        assert card.correlation_time_s(0.0) * solve(magnet).rate_Hz == pytest.approx(1.0)
        mean, log_rate = transfer_error(magnet, card)
        assert mean < error  # measured 0.0020 and 0.0002
        assert log_rate < 1.0  # n = 2 has no prefactor that depends on the drive
        raw = replace(card, gain=1 / switching_drive(magnet, unit))  # negative control: the gain of Stoner-Wohlfarth
        assert transfer_error(magnet, raw)[0] > 5 * error


def test_simulated_telegraph_is_the_exact_one():
    magnet = axial(2.5)
    for seed, x in enumerate((0.0, 0.2)):
        exact = solve(magnet, x)
        found = measure(magnet, x * switching_drive(magnet, "T"), "T", n_stays=8000, seed=seed)
        assert found.rate_error_Hz < 0.07 * exact.rate_Hz
        assert abs(found.rate_Hz - exact.rate_Hz) < 4 * found.rate_error_Hz
        assert abs(found.share_up - exact.share_up) < 4 * found.share_error
        assert abs(found.rate_Hz - exact.rate_Hz * math.exp(0.6)) > 4 * found.rate_error_Hz  # a barrier 0.6 kT off
        if x:
            assert abs(found.share_up - solve(magnet, 0.5 * x).share_up) > 4 * found.share_error


def boltzmann_share(magnet, field_T):
    """Return the probability of the well along +x of an in-plane magnet, by quadrature over the sphere."""
    u, w = legendre.leggauss(200)  # component along x, so that the well is a range of it
    saddle = -field_T / magnet.switching_field_T
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    across = (1 - u[:, None] ** 2) * np.stack([np.cos(angle), np.sin(angle)])[:, None, :] ** 2
    k_x, k_y, k_z = magnet.anisotropy_T
    energy = -(k_x * u[:, None] ** 2 + k_y * across[0] + k_z * across[1]) / 2 - field_T * u[:, None]
    density = w * np.exp(-(energy - energy.min()) / magnet.thermal_field_T).sum(axis=1)
    edges = np.concatenate([[-1.0], -1.0 + np.cumsum(w)])
    part = np.clip((edges[1:] - saddle) / w, 0, 1)  # of each node's interval beyond the saddle
    return (density * part).sum() / density.sum()


@pytest.mark.slow
def test_in_plane_layer_gets_a_card_by_simulation():
    magnet = EllipticLayer(38e-9, 25e-9, 1.5e-9).magnet(8e5, 0.1)
    assert not magnet.is_axial
    card = telegraph_card(magnet, "T", n_stays=1500, seed=4)
    assert card.barrier_kT == magnet.barrier_kT
    assert card.citation == "macrospin, simulated, 1500 dwell times"
    drive = 0.5 / magnet.barrier_kT * magnet.switching_field_T  # where the card took its gain
    found = measure(magnet, drive, "T", n_stays=1500, seed=child_seed(4, "pushed"))
    share = (1 + float(card.mean(card.reduced_drive(drive)))) / 2
    assert share == pytest.approx(found.share_up, abs=1e-12)
    assert abs(share - boltzmann_share(magnet, drive)) < 4 * found.share_error
    assert abs(share - boltzmann_share(magnet, 0.6 * drive)) > 4 * found.share_error
    still = measure(magnet, 0.0, "T", n_stays=1500, seed=4)
    assert card.correlation_time_s(0.0) * still.rate_Hz == pytest.approx(1.0)
    other = measure(magnet, 0.0, "T", n_stays=1500, seed=6)
    assert abs(other.rate_Hz - still.rate_Hz) < 4 * np.hypot(other.rate_error_Hz, still.rate_error_Hz)


def test_wrong_magnets_are_refused():
    with pytest.raises(InputError, match="^Barrier must be 2 kT or more for a telegraph, not 1$"):
        telegraph_card(axial(1.0))
    with pytest.raises(InputError, match="^Drive unit must be 'T' or 'A' for a macrospin, not 'V'$"):
        telegraph_card(axial(4.0), "V")
    with pytest.raises(InputError, match=r"^Reduced drive must be between -1 and 1, where both wells exist, not 1\.0$"):
        solve(axial(4.0), 1.0)
    with pytest.raises(InputError, match="^Magnet must be axial for an exact diffusion, not "):
        solve(EllipticLayer(50e-9, 40e-9, 2e-9).magnet(8e5, 0.1))
    with pytest.raises(InputError, match="^Polarisation must be above 0 for a drive by current, not 0$"):
        telegraph_card(replace(axial(4.0), polarisation=0.0), "A")
