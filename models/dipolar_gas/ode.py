"""Thermalisation and loss of a gas heated along one axis, as differential equations (arXiv:2103.06246, Eq. 3)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from scipy import constants

from .formulas import MASS_KG, SIGMA_EL_M2

LONGEST_STEP_S = 0.2  # fourth order, rates of order 1/s: the solution is wrong by 2e-7 at N_coll = 1.5
# Powers of T_x in the density equation: n ~ T_y^-1/2 T_x^-1/2 T_z^-1/2 and T_z = T_x, hence 1.
RIGHT_POWER = 1.0
PRINTED_POWER = 0.5  # the paper prints n / (2 T_x), which loses molecules or makes some when heat only moves
SPEED2 = 16.0 * constants.k / (3.0 * math.pi * MASS_KG)  # relative speed squared over T_y + 2 T_x


@njit(cache=True)
def slope(state, law, out):
    r"""Write the time derivative of (n, T_y, T_x) to ``out``.

    .. math::
        \dot n &= -K_L (T_y + 2 T_x) n^2 - \frac{n}{2 T_y} \dot T_y - p \frac{n}{T_x} \dot T_x \\
        \dot T_y &= \frac{n}{4} K_L (2 T_x - T_y) T_y - \frac{2}{3} \Gamma (T_y - T_x) + c_y \\
        \dot T_x &= \frac{n}{4} K_L T_y T_x + \frac{1}{3} \Gamma (T_y - T_x) + c_x

    Parameters
    ----------
    state, out : ndarray, shape (3,), float64
        n [1/m^3], T_y, T_x [K], and their derivatives.
    law : ndarray, shape (6,), float64
        K_L [m^3/s/K], N_coll, c_y, c_x [K/s], sigma_el [m^2], and the power p of T_x.

    Notes
    -----
    p = 1 (`RIGHT_POWER`). The paper prints n / (2 T_x), which contradicts n ~ (T_y T_x T_z)^-1/2, its own limit
    -(3n / 2T) dT/dt for equal temperatures, and the conservation of molecules when K_L = 0.
    """
    n, hot, cold = state[0], state[1], state[2]
    both = hot + 2.0 * cold
    gamma = n * law[4] * math.sqrt(SPEED2 * both) / law[1] if both > 0.0 else math.nan
    moved = gamma * (hot - cold) / 3.0
    lost = 0.25 * n * law[0]
    out[1] = lost * (2.0 * cold - hot) * hot - 2.0 * moved + law[2]
    out[2] = lost * hot * cold + moved + law[3]
    out[0] = -law[0] * both * n * n - 0.5 * n * out[1] / hot - law[5] * n * out[2] / cold


@njit(cache=True)
def evolve(times_s, start, law):
    """Return the states at ``times_s``, from ``start`` at time 0, by Runge-Kutta steps of at most `LONGEST_STEP_S`.

    Steps depend on the times alone, so that the answer is a smooth function of the parameters.

    Parameters
    ----------
    times_s : ndarray, shape (n_times,), float64
        Hold times, not decreasing and at least 0 [s].
    start : ndarray, shape (3,), float64
        n [1/m^3], T_y, T_x [K] at time 0.
    law : ndarray, shape (6,), float64
        K_L, N_coll, c_y, c_x, sigma_el and the power p of T_x, as for `slope`.

    Returns
    -------
    ndarray, shape (n_times, 3), float64
        NaN from where a temperature would be negative.
    """
    found = np.empty((times_s.size, 3))
    state, moved, sum_of_slopes, now = start.copy(), np.empty(3), np.empty(3), np.empty(3)
    time = 0.0
    for row in range(times_s.size):
        gap = times_s[row] - time
        n_steps = int(math.ceil(gap / LONGEST_STEP_S))
        for _ in range(n_steps):
            step = gap / n_steps
            slope(state, law, now)
            for k in range(3):
                sum_of_slopes[k] = now[k]
                moved[k] = state[k] + 0.5 * step * now[k]
            for stage in range(3):
                slope(moved, law, now)
                for k in range(3):
                    sum_of_slopes[k] += now[k] if stage == 2 else 2.0 * now[k]
                    moved[k] = state[k] + (step if stage == 1 else 0.5 * step) * now[k]
            for k in range(3):
                state[k] += step / 6.0 * sum_of_slopes[k]
        time = times_s[row]
        found[row] = state
    return found


def law_of(loss_m3_sK, collisions, heating_y_K_s=0.0, heating_x_K_s=0.0, power=RIGHT_POWER, sigma_m2=SIGMA_EL_M2):
    """Return the numbers that `slope` takes; shape (6,), float64."""
    return np.array([loss_m3_sK, collisions, heating_y_K_s, heating_x_K_s, sigma_m2, power], dtype=np.float64)
