"""A telegraph trace on a slow baseline: levels drift together, by cosines that are fitted with everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from .telegraph_fit import fit_telegraph
from .telegraph_likelihood import Trace, climbed, covariance_of, levels_of, parameter_names, shown

MODEL_BASELINE = "two-state hidden Markov chain on a slow baseline"
MOST_WAVES = 64
MAX_ROUNDS = 200
ROUND_DONE = 0.02  # nats that a round of the start must win
STAYS_IN_WAVE = 4.0  # mean dwell times, both added, that the shortest half wave must last


@dataclass(frozen=True, eq=False)
class BaselineTrace:
    r"""Samples of a telegraph signal on a baseline b of ``n_waves`` cosines, half a period and more in the trace.

    .. math:: y_t = L(x_t) + b_t + \sigma e_t, \qquad b_t = \sum_{j=1}^{J} c_j \cos(\pi j (t + 1/2) / n)

    The mean of b is 0, so levels are those of the middle. Parameters of the search: those of `Trace`, then c.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Samples; NaN for one that was not read.
    interval_s : float
        Time from one to the next [s].
    n_batches : int
        Parts whose scores are summed apart.
    n_waves : int
        J, 1 to 64.
    """

    values: np.ndarray
    interval_s: float
    n_batches: int = 200
    n_waves: int = 8
    model = MODEL_BASELINE

    def __post_init__(self):
        object.__setattr__(self, "values", np.ascontiguousarray(self.values, dtype=np.float64))
        if not 1 <= self.n_waves <= MOST_WAVES:
            raise InputError(f"Waves of a baseline must be 1 to {MOST_WAVES}, not {self.n_waves}: take a longer time")
        n = self.values.size
        place = (np.arange(n) + 0.5) / n
        object.__setattr__(self, "waves", np.cos(np.pi * np.outer(np.arange(1, self.n_waves + 1), place)))
        object.__setattr__(self, "starts", Trace(self.values, self.interval_s, self.n_batches).starts)

    @property
    def known(self):
        """The samples that were read; ndarray of float64."""
        return self.values[np.isfinite(self.values)]

    def baseline(self, theta):
        """Return the baseline at each sample; ndarray, shape (n,), float64."""
        return theta[6:] @ self.waves

    def level(self, theta):
        """Return the plain `Trace` that is left when the baseline is taken off."""
        return Trace(self.values - self.baseline(theta), self.interval_s, self.n_batches)

    def scores(self, theta):
        """Return the log-likelihood and its derivative; float, (1, 6 + n_waves)."""
        plain = self.level(theta)
        value, found = plain.scores(theta[:6])
        low, high, noise_low, noise_high = levels_of(theta)
        up = plain.posterior(theta[:6])
        pull = up * (plain.values - high) / noise_high**2 + (1.0 - up) * (plain.values - low) / noise_low**2
        return value, np.concatenate([found.sum(axis=0), self.waves @ np.nan_to_num(pull)])[None]

    def units(self, theta):
        """Return the natural unit of each parameter."""
        noise = np.exp(theta[2:4])
        return np.concatenate([noise, np.ones(4), np.full(self.n_waves, noise.mean())])

    def predictive(self, theta):
        """Return the distribution of each sample at the sample, as `Trace.predictive`."""
        return self.level(theta).predictive(theta[:6])

    def climb(self, theta, covariance):
        """Return where the likelihood is largest; see `Trace.climb`."""
        return climbed(self, theta, covariance)

    def redrawn(self, theta, rng):
        """Return a synthetic trace with these parameters, as long as this one."""
        values = self.level(theta).redrawn(theta[:6], rng).values + self.baseline(theta)
        return BaselineTrace(values, self.interval_s, self.n_batches, self.n_waves)

    def shown(self, theta):
        """Return levels, noises and mean dwell times; shape (6,)."""
        return shown(np.asarray(theta)[..., :6])

    def names(self, unit):
        """Return the names of `shown`; tuple of str."""
        return parameter_names(unit)


def fit_on_baseline(trace, names=None):
    """Return the parameters of the largest likelihood and their inverse information.

    Parameters
    ----------
    trace : BaselineTrace
        Sampled trace to fit.
    names : sequence of str, optional
        Names of the parameters, for error messages.

    Raises
    ------
    InputError
        As `fit_telegraph`; if the baseline moves as fast as the signal.
    """
    theta, _ = start_on_baseline(trace)
    stays_s = np.exp(-theta[4:6]).sum()
    half_wave_s = trace.values.size * trace.interval_s / trace.n_waves
    if half_wave_s < STAYS_IN_WAVE * stays_s:
        rule = f"slower than the signal (half a wave {STAYS_IN_WAVE:g} times both mean dwell times, {stays_s:.3g} s)"
        raise InputError(f"Baseline must be {rule}, not half a wave in {half_wave_s:.3g} s: take a longer --baseline")
    names = (*(names or parameter_names()), *(f"baseline_{j + 1}" for j in range(trace.n_waves)))
    check = fit_telegraph(trace.level(theta), names[:6])[0]
    theta = np.concatenate([check, theta[6:]])
    covariance = covariance_of(trace, theta, names)
    return trace.climb(theta, covariance), covariance


def start_on_baseline(trace):
    """Return parameters near the maximum and their log-likelihood: chain and baseline are fitted in turn."""
    y, waves = trace.values, trace.waves
    is_read = np.isfinite(y)
    smooth, *_ = np.linalg.lstsq(waves[:, is_read].T, y[is_read] - y[is_read].mean(), rcond=None)
    theta, value = np.concatenate([np.zeros(6), smooth]), -np.inf
    theta[:6] = fit_telegraph(trace.level(theta))[0]
    for _ in range(MAX_ROUNDS):
        plain = trace.level(theta)
        theta[:6], now = plain.expectation_maximisation(theta[:6])
        if now < value + ROUND_DONE:
            break
        value = now
        low, high, noise_low, noise_high = levels_of(theta)
        up = plain.posterior(theta[:6])
        weight = np.where(is_read, up / noise_high**2 + (1.0 - up) / noise_low**2, 0.0)
        pull = up * (y - high) / noise_high**2 + (1.0 - up) * (y - low) / noise_low**2
        theta[6:] = np.linalg.solve((waves * weight) @ waves.T, waves @ np.nan_to_num(pull))
    return theta, value
