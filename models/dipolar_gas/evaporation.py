"""Evaporation: slope of ln N against ln T, with errors of both, and whether it cools (arXiv:2103.06246)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...calibration.engine.calibrate import calibrate
from ...calibration.engine.model import Model, Parameter
from ...calibration.engine.series import Series

COLUMNS = ("ln_N", "ln_T_K")
EFFICIENT_BELOW = 3.0  # Source: arXiv:2103.06246; in a harmonic trap N / T^3 grows when d ln N / d ln T < 3


def power_law_model(series):
    """Return the model N ~ T^S for stages whose N and T both carry errors.

    The true ln T of each stage is a parameter too: a regression on measured temperatures would be biased towards
    zero by their errors.

    Parameters
    ----------
    series : Series
        Stages of an evaporation; columns ln N and ln T.

    Returns
    -------
    Model
        S, ln N at the mean temperature, and the true ln T of each stage.
    """
    measured = series.values
    centre = float(measured[:, 1].mean())
    size = max(1.0, float(np.ptp(measured[:, 1])))
    stages = [Parameter(f"ln_T_{k}", float(one), scale=size) for k, one in enumerate(measured[:, 1])]
    parameters = (Parameter("S_evap", 2.0), Parameter("ln_N", float(measured[:, 0].mean())), *stages)

    def predict(values, axes):
        del axes
        return [np.stack([values[1] + values[0] * (values[2:] - centre), values[2:]], axis=1)]

    return Model("evaporation", parameters, predict)


@dataclass(frozen=True)
class Evaporation:
    """A synthetic evaporation along N ~ T^S.

    Parameters
    ----------
    slope : float
        Planted S; published is 1.84(9).
    number, temperature_K : float
        At the first stage; number as published.
    lost : float
        N of the first stage over N of the last.
    n_stages : int
        Stages, evenly spaced in ln N.
    error_number, error_temperature : float
        Relative standard errors; assumed, such that S comes out as well known as published.
    """

    slope: float = 1.84
    number: float = 1.5e4
    temperature_K: float = 330e-9
    lost: float = 10.0
    n_stages: int = 8
    error_number: float = 0.06
    error_temperature: float = 0.045

    def noiseless(self):
        """Return the stages without noise, with their covariances."""
        steps = np.linspace(0.0, np.log(self.lost), self.n_stages)
        points = np.stack([np.log(self.number) - steps, np.log(self.temperature_K) - steps / self.slope], axis=1)
        covariance = np.diag([self.error_number**2, self.error_temperature**2])
        return Series("stages", steps, points, np.tile(covariance, (self.n_stages, 1, 1)), COLUMNS, "stage")

    def measure(self, seed):
        """Return the stages of one noisy run."""
        clean = self.noiseless()
        return replace(clean, values=clean.draw(clean.values, np.random.default_rng(seed)))


def fit_evaporation(series, seed, n_trials=100):
    """Return the `Calibration` of an evaporation; ``S_evap`` is the slope."""
    return calibrate(power_law_model(series), [series], seed, n_trials)


def is_efficient(calibration):
    """Return whether the whole interval of the slope lies below 3, so that the phase-space density grows."""
    return calibration.parameters["S_evap"].high < EFFICIENT_BELOW
