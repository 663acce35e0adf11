"""Shipped autoregressive networks belong to their betas, and programming noise has its size."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.van.directed_pbits import DirectedHardware
from spinchip.models.van.exact import enumerated, sk_couplings
from spinchip.models.van.own_networks import BETAS, own_network
from spinchip.models.van.training import free_energy

GLASS = sk_couplings(20, 1)
EXACT = dict(zip(BETAS, enumerated(GLASS, BETAS), strict=True))


def error_of(network, kind, beta, n_states=20_000):
    """Return the relative error of F_q; hidden networks were trained as the mean with their mirror image."""
    spins = network.sample(n_states, 1)
    log_q = network.log_probabilities(spins)
    if kind == "hidden":
        log_q = np.logaddexp(log_q, network.log_probabilities(-spins)) - np.log(2.0)
    return 1.0 - free_energy(GLASS, beta, spins, log_q).variational / EXACT[beta].free_energy


@pytest.mark.parametrize(("kind", "limit"), [("layer", 2e-3), ("hidden", 4e-4)])
@pytest.mark.slow
def test_shipped_networks_are_near_at_their_own_beta_alone(kind, limit):
    for beta in BETAS:
        assert abs(error_of(own_network(kind, beta), kind, beta)) < limit
    assert error_of(own_network(kind, 0.5), kind, 2.0) > 0.05


def test_other_networks_are_refused():
    for kind, beta in (("forest", 1.0), ("layer", 0.7)):
        with pytest.raises(InputError, match="Network must be layer or hidden at beta 0.5"):
            own_network(kind, beta)


def test_programming_noise_has_its_size_and_stays_below_the_diagonal():
    """190 errors of 5 % of the largest weight: their spread within 4 standard errors; one machine, one draw."""
    network = own_network("layer", 2.0)
    hardware = DirectedHardware(programming_noise=0.05)
    off = (hardware.weights(network, 3) - network.weights) / np.abs(network.weights).max()
    below = off[np.tril_indices(20, -1)]
    assert below.std() == pytest.approx(0.05, rel=4 / np.sqrt(2 * below.size))
    assert not np.triu(off).any()
    np.testing.assert_array_equal(hardware.weights(network, 3), hardware.weights(network, 3))
    assert (hardware.weights(network, 4) != hardware.weights(network, 3)).any()
    with pytest.raises(InputError, match="Noise must be 0 or more"):
        DirectedHardware(programming_noise=-0.1)
