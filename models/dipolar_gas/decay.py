"""Two-body loss of a gas in equilibrium: decay of the density while the gas warms (arXiv:2103.06246)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...calibration.engine.calibrate import calibrate
from ...calibration.engine.model import Parameter, curve_model
from ...calibration.engine.series import Series
from .formulas import loss_coefficient_m3_s

COLUMNS = ("n_m3", "T_K")
TIMES_S = (0.05, 0.3, 0.8, 1.5, 2.5, 4.0, 6.0, 9.0, 13.0, 20.0)
SUPPRESSION = 30.0  # Source: arXiv:2103.06246, loss without over loss with resonant shielding


def decay(times_s, loss_m3_s, density_m3, temperature_K, heating_K_s):
    r"""Return density and temperature of a gas with two-body loss and steady heating.

    .. math:: \dot n = -\beta n^2 - \frac{3 n}{2 T} \dot T, \qquad \dot T = h

    With u = n T^(3/2) the second term is gone, and 1/u grows by beta times the integral of T^(-3/2), which is
    2 t / (sqrt(T_0 T) (sqrt(T_0) + sqrt(T))).

    Parameters
    ----------
    times_s : ndarray, shape (n_times,), float64
        Hold times [s].
    loss_m3_s, density_m3, temperature_K, heating_K_s : float
        beta [m^3/s], n and T at time 0, and h [K/s].

    Returns
    -------
    ndarray, shape (n_times, 2), float64
        n [1/m^3] and T [K]; NaN where T would be negative.
    """
    times_s = np.asarray(times_s, dtype=np.float64)
    warm = temperature_K + heating_K_s * times_s
    warm = np.where(warm > 0.0, warm, np.nan)
    root, first = np.sqrt(warm), np.sqrt(temperature_K)
    integral = 2.0 * times_s / (first * root * (first + root))
    shrunk = density_m3 * temperature_K**1.5 / (1.0 + loss_m3_s * density_m3 * temperature_K**1.5 * integral)
    return np.stack([shrunk / warm**1.5, warm], axis=1)


def decay_model():
    """Return the model with beta, the first density and temperature, and the heating as free parameters."""
    parameters = (
        Parameter("beta_m3_s", 1e-18, 0.0),
        Parameter("n_m3", 2e17, 0.0),
        Parameter("T_K", 300e-9, 1e-8),
        Parameter("heating_K_s", 0.0, scale=1e-8),
    )
    return curve_model("two-body loss", decay, parameters)


@dataclass(frozen=True)
class Decay:
    """A synthetic decay.

    Parameters
    ----------
    loss_m3_s : float
        Planted beta [m^3/s]; the default is 3 K_L T with K_L = 3.8e-7 cm^3/s/K and 300 nK.
    density_m3, temperature_K, heating_K_s : float
        Planted n and T at time 0, and heating.
    relative_density, error_K : float
        Standard errors of the density, relative, and of the temperature [K]; assumed.
    """

    loss_m3_s: float = loss_coefficient_m3_s(3.8e-13, 300e-9)
    density_m3: float = 2.5e17
    temperature_K: float = 300e-9
    heating_K_s: float = 5e-9
    relative_density: float = 0.04
    error_K: float = 12e-9

    @property
    def truth(self):
        """Planted parameters in the model's order, shape (4,)."""
        return np.array([self.loss_m3_s, self.density_m3, self.temperature_K, self.heating_K_s])

    def noiseless(self, times_s=TIMES_S):
        """Return the series without noise, with its covariances."""
        states = decay(times_s, *self.truth)
        spread = np.stack([self.relative_density * states[:, 0], np.full(len(states), self.error_K)], axis=1)
        return Series("decay", times_s, states, spread[:, :, None] ** 2 * np.eye(2), COLUMNS)

    def measure(self, seed, times_s=TIMES_S):
        """Return the series of one noisy run."""
        clean = self.noiseless(times_s)
        return replace(clean, values=clean.draw(clean.values, np.random.default_rng(seed)))


def fit_decay(series, seed, n_trials=100):
    """Return the `Calibration` of a decay curve with columns n [1/m^3] and T [K]."""
    return calibrate(decay_model(), [series], seed, n_trials)
