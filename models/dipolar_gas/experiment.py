"""A synthetic thermalisation experiment with planted parameters, and the model that is fitted to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...calibration.engine.calibrate import calibrate
from ...calibration.engine.least_squares import Problem
from ...calibration.engine.model import Model, Parameter
from ...calibration.engine.series import Series
from ...emulator.spec.errors import InputError
from .formulas import n_coll
from .ode import PRINTED_POWER, RIGHT_POWER, evolve, law_of

COLUMNS = ("n_m3", "T_y_K", "T_x_K")
SERIES = ("heated", "unheated")
# 11 hold times between 0.05 and 10 s. Source: the range of arXiv:2103.06246, "Data Analysis"; their number is assumed.
TIMES_S = (0.05, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 10.0)
NAMES = ("K_L_m3_sK", "N_coll", "c_y_K_s", "c_x_K_s") + tuple(f"{q}_{s}" for s in SERIES for q in COLUMNS)
SCALES = (4e-13, 2.0, 1e-8, 1e-8) + 2 * (2.5e17, 300e-9, 300e-9)
STARTS = (3e-13, 2.0, 0.0, 0.0) + (2e17, 500e-9, 300e-9) + (2e17, 300e-9, 300e-9)
LOWS = (0.0, 0.05, -np.inf, -np.inf) + 2 * (0.0, 1e-8, 1e-8)
HIGHS = (np.inf, 100.0, np.inf, np.inf) + 6 * (np.inf,)


@dataclass(frozen=True)
class Experiment:
    """What is planted, and how well it is measured.

    Parameters
    ----------
    loss_m3_sK : float
        Loss coefficient K_L [m^3/s/K].
    collisions : float
        Number of collisions to thermalise, N_coll.
    heating_y_K_s, heating_x_K_s : float
        Background heating c_y, c_x [K/s].
    density_m3, temperature_K : float
        Density and temperature of both samples before heating [1/m^3], [K].
    heated_ratio : float
        T_y over T_x after parametric heating.
    relative_density : float
        Standard error of the molecule number, relative; that of the density follows with the temperatures.
    error_y_K, error_x_K : float
        Standard errors of the temperatures [K].

    Notes
    -----
    Defaults: K_L and N_coll as published for 45 degrees, 2.5e11 cm^-3, 300 nK and T_y = 2.5 T_x as stated there.
    The standard errors of the temperatures, 18 nK and 10 nK, that of the number, 3 %, and the heating
    rates are assumed: the paper prints none. A density is worked out from number and temperatures,
    n ~ N T_y^-1/2 T_x^-1, so its error hangs together with theirs.
    """

    loss_m3_sK: float = 3.8e-13
    collisions: float = float(n_coll(np.pi / 4))
    heating_y_K_s: float = 5e-9
    heating_x_K_s: float = 5e-9
    density_m3: float = 2.5e17
    temperature_K: float = 300e-9
    heated_ratio: float = 2.5
    relative_density: float = 0.03
    error_y_K: float = 18e-9
    error_x_K: float = 10e-9

    def __post_init__(self):
        for name in ("loss_m3_sK", "collisions", "density_m3", "temperature_K", "relative_density"):
            if not getattr(self, name) > 0.0:
                raise InputError(f"{name} must be above 0, not {getattr(self, name):g}")

    @property
    def truth(self):
        """Planted parameters in the order of `NAMES`, shape (10,)."""
        unheated = (self.density_m3, self.temperature_K, self.temperature_K)
        # Heating widens the cloud along y only, so the density falls as T_y^-1/2.
        heated = (self.density_m3 / self.heated_ratio**0.5, self.heated_ratio * self.temperature_K, self.temperature_K)
        rates = (self.loss_m3_sK, self.collisions, self.heating_y_K_s, self.heating_x_K_s)
        return np.array(rates + heated + unheated)

    def at_angle(self, theta, form="published"):
        """Return the same experiment with dipoles at ``theta`` [rad] to the heated axis."""
        return replace(self, collisions=float(n_coll(theta, form)))

    def covariances(self, states):
        """Return the covariance of (n, T_y, T_x) at each state; shape (n_points, 3, 3)."""
        n, hot, cold = np.asarray(states).T
        spread = np.zeros((len(states), 3, 3))
        spread[:, 0, 0] = self.relative_density * n
        spread[:, 0, 1] = -0.5 * n / hot * self.error_y_K
        spread[:, 0, 2] = -n / cold * self.error_x_K
        spread[:, 1, 1], spread[:, 2, 2] = self.error_y_K, self.error_x_K
        return spread @ spread.transpose(0, 2, 1)

    def noiseless(self, times_s=TIMES_S):
        """Return the series without noise, with the covariances of their points; tuple of Series."""
        axis = np.asarray(times_s, dtype=np.float64)
        states = thermalisation_model().predict(self.truth, [axis, axis])
        pairs = zip(SERIES, states, strict=True)
        return tuple(Series(name, axis, one, self.covariances(one), COLUMNS) for name, one in pairs)

    def measure(self, seed, times_s=TIMES_S):
        """Return the series of one noisy run of the experiment; tuple of Series."""
        rng = np.random.default_rng(seed)
        return tuple(replace(one, values=one.draw(one.values, rng)) for one in self.noiseless(times_s))


def thermalisation_model(printed=False):
    """Return the model with ten free parameters, those of the paper's fit: K_L, N_coll, c_y, c_x and the first states.

    Parameters
    ----------
    printed : bool
        Take the density equation as printed, with n / (2 T_x), to see what it does.

    Returns
    -------
    Model
        Model of two series, heated and unheated, whose columns are n, T_y and T_x.
    """
    power = PRINTED_POWER if printed else RIGHT_POWER

    def predict(values, axes):
        law = law_of(*values[:4], power)
        return [evolve(x, values[4 + 3 * k : 7 + 3 * k], law) for k, x in enumerate(axes)]

    rows = zip(NAMES, STARTS, LOWS, HIGHS, SCALES, strict=True)
    name = "dipolar gas, density equation as printed" if printed else "dipolar gas"
    return Model(name, tuple(Parameter(*row) for row in rows), predict)


def problem_of(experiment, printed=False, times_s=TIMES_S):
    """Return model and noiseless points as a `Problem`, for coverage and for expected errors."""
    return Problem(thermalisation_model(printed), experiment.noiseless(times_s))


def fit_thermalisation(series, seed, printed=False, n_trials=100):
    """Return the `Calibration` of a heated and an unheated series, in the manner of the paper.

    Parameters
    ----------
    series : sequence of two Series
        Heated, unheated; columns n [1/m^3], T_y, T_x [K].
    seed : int
        Seed of the synthetic data sets.
    printed : bool
        Take the density equation as printed, with n / (2 T_x); see `thermalisation_model`.
    n_trials : int
        Number of synthetic data sets behind the intervals.

    Returns
    -------
    Calibration
    """
    return calibrate(thermalisation_model(printed), series, seed, n_trials)
