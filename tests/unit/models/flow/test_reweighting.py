"""Complex networks on real p-bits: bounded weights, their effective share, and time evolution from drawn states."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError, SpinchipError
from spinchip.models.nqs.hamiltonian import Heisenberg, TransverseIsing, flip_matrix, spins_of_states
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.mapping import machine_of
from spinchip.models.nqs.quench import expectation, quench_curve
from spinchip.models.nqs.reweighting import SampledVariational, flip_ratios, log_weights, real_part, weighted
from spinchip.models.nqs.sampling import Plan
from spinchip.models.nqs.time_evolution import ComplexNetwork, Variational, random_complex

RING = Lattice((8,))
BEFORE, AFTER = TransverseIsing(RING, 0.5), TransverseIsing(RING, 1.0)
NETWORK = random_complex(RING, 2, 3, 0.3)


@pytest.mark.promise("nqs.reweighting")
def test_weights_turn_the_law_of_p_bits_into_that_of_the_state():
    """All 256 states: real marginal times weight is |psi|^2 to 1e-12; without the weight it is far off."""
    spins = spins_of_states(AFTER)
    logs = machine_of(real_part(NETWORK)).log_marginal(spins)
    law = np.exp(logs + log_weights(NETWORK, spins))
    psi = np.abs(Variational(AFTER).state(NETWORK)) ** 2
    assert np.abs(law / law.sum() - psi).max() < 1e-12
    bare = np.exp(logs - logs.max())
    assert 0.5 * np.abs(bare / bare.sum() - psi).sum() > 0.02
    assert log_weights(NETWORK, spins).max() <= 0.0


def test_ratios_of_flips_are_those_of_the_amplitudes():
    spins = spins_of_states(AFTER)[::7]
    found = flip_ratios(NETWORK, spins)
    for i in range(8):
        flipped = spins.copy()
        flipped[:, i] *= -1
        both = [NETWORK.log_psi_and_derivatives(one)[0] for one in (flipped, spins)]
        np.testing.assert_allclose(found[:, i], np.exp(both[0] - both[1]), rtol=1e-10)


def test_sampled_velocity_tends_to_the_exact_one():
    """Sixteen times the states, a quarter of the distance; the exact velocity of another time step is not reached."""
    exact = Variational(AFTER, 1e-3).velocity(NETWORK, -1j)
    errors = []
    for n_records in (50, 800):
        drawn = SampledVariational(AFTER, Plan(40, n_records, 30), 5, 1e-3)
        found = np.mean([np.abs(drawn.velocity(NETWORK, -1j) - exact).max() for _ in range(4)])
        errors.append(found / np.abs(exact).max())
    assert errors[1] < 0.45 * errors[0]
    assert errors[1] < 0.15


@pytest.mark.promise("nqs.reweighting")
def test_states_of_p_bits_follow_the_quench():
    """8 sites from the exact ground network to t = 0.4, 2000 states a velocity: 5e-3 of the exact curve."""
    start = Variational(BEFORE).relax(random_complex(RING, 2, 1), 800, 0.05, 1e-5)
    moving, state, matrix = SampledVariational(AFTER, Plan(40, 50, 30), 3), Variational(AFTER), flip_matrix(8) / 8
    networks = list(moving.evolve(start, 40, 0.01))
    found = np.array([expectation(matrix, [state.state(one)])[0] for one in networks[::10]])
    assert np.abs(found - quench_curve(8, 0.5, 1.0, [0.0, 0.1, 0.2, 0.3, 0.4])).max() < 5e-3
    assert abs(found[-1] - found[0]) > 0.2
    value, share = moving.field_mean(networks[-1])
    assert value == pytest.approx(found[-1], abs=0.05)
    assert 0.3 < share <= 1.0


@pytest.mark.promise("nqs.reweighting")
def test_far_states_and_wrong_models_are_refused():
    rng = np.random.default_rng(1)
    imaginary = ComplexNetwork(Lattice((16,)), 3.0j * np.ones(9), 2.0j * rng.standard_normal((9, 16)))
    spins = rng.choice(np.array([-1, 1], dtype=np.int8), (5000, 16))
    with pytest.raises(SpinchipError, match="Effective states must be at least"):
        weighted(imaginary, spins)
    with pytest.raises(InputError, match="transverse-field Ising"):
        SampledVariational(Heisenberg(RING), Plan(), 1)
