"""The thermalisation equations: what they conserve, their limit, and their numerical solution."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spinchip.models.dipolar_gas.formulas import n_coll, relative_speed_m_s, thermalisation_rate_Hz
from spinchip.models.dipolar_gas.ode import PRINTED_POWER, evolve, law_of, slope

START = np.array([1.6e17, 750e-9, 300e-9])
TIMES_S = np.array([0.0, 0.05, 0.4, 0.4, 2.0, 7.3, 10.0])
LOSSLESS = law_of(0.0, 1.57)


def molecules(states):
    """Return what is proportional to the number of molecules: n sqrt(T_y) T_x, the three widths of the cloud."""
    return states[:, 0] * np.sqrt(states[:, 1]) * states[:, 2]


def test_elastic_collisions_keep_energy_and_molecules():
    states = evolve(TIMES_S, START, LOSSLESS)
    assert states[:, 1] + 2.0 * states[:, 2] == pytest.approx(1350e-9, rel=1e-12)
    assert molecules(states) == pytest.approx(molecules(START[None])[0], rel=1e-6)
    assert states[-1, 1] < 500e-9  # heat has moved


def test_printed_density_equation_makes_molecules_from_nothing():
    states = evolve(TIMES_S, START, law_of(0.0, 1.57, power=PRINTED_POWER))
    assert molecules(states)[-1] > 1.15 * molecules(START[None])[0]


def test_difference_of_temperatures_decays_at_the_stated_rate():
    out = np.empty(3)
    slope(START, LOSSLESS, out)
    rate = thermalisation_rate_Hz(START[0], relative_speed_m_s(START[1], START[2]), 1.57)
    assert out[1] - out[2] == pytest.approx(-rate * (START[1] - START[2]), rel=1e-12)


@pytest.mark.parametrize(("power", "holds"), [(1.0, True), (PRINTED_POWER, False)])
def test_equal_temperatures_give_the_two_body_equation(power, holds):
    # beta = 3 K_L T, dn/dt = -beta n^2 - (3 n / 2 T) dT/dt and dT/dt = n K_L T^2 / 4
    n, loss, temperature_K = 2.5e17, 3.8e-13, 300e-9
    out = np.empty(3)
    slope(np.array([n, temperature_K, temperature_K]), law_of(loss, 1.57, power=power), out)
    warming = n * loss * temperature_K**2 / 4.0
    assert out[1:] == pytest.approx([warming, warming], rel=1e-12)
    expected = -3.0 * loss * temperature_K * n**2 - 1.5 * n / temperature_K * warming
    assert np.isclose(out[0], expected, rtol=1e-12) == holds


@pytest.mark.parametrize(("collisions", "rel"), [(4.06, 1e-7), (1.57, 1e-6), (0.5, 3e-5)])
def test_steps_equal_an_adaptive_solution(collisions, rel):
    law = law_of(3.8e-13, collisions, 5e-9, 3e-9)

    def derivative(_, state):
        out = np.empty(3)
        slope(state, law, out)
        return out

    solved = solve_ivp(derivative, (0.0, 10.0), START, "DOP853", np.unique(TIMES_S), rtol=1e-11, atol=START * 1e-11)
    states = evolve(TIMES_S, START, law)
    assert np.delete(states, 2, axis=0) == pytest.approx(solved.y.T, rel=rel)
    assert np.array_equal(states[2], states[3])
    assert np.array_equal(states[0], START)


def test_background_heating_warms_its_own_axis():
    without = evolve(TIMES_S, START, law_of(0.0, 1e9))
    with_y, with_x = (evolve(TIMES_S, START, law_of(0.0, 1e9, *rates)) for rates in ((5e-9, 0.0), (0.0, 3e-9)))
    assert (with_y - without)[-1, 1:] == pytest.approx([50e-9, 0.0], abs=1e-12)
    assert (with_x - without)[-1, 1:] == pytest.approx([0.0, 30e-9], abs=1e-12)


def test_angle_divides_the_rate_by_its_number_of_collisions():
    rates = []
    for angle in (45, 90):
        out = np.empty(3)
        slope(START, law_of(0.0, n_coll(np.radians(angle))), out)
        rates.append(out[1] - out[2])
    assert rates[0] / rates[1] == pytest.approx((97.4 / 62.0) ** -1 * (97.4 / 24.0), rel=1e-12)
