"""Levels, noises and dwell times of a junction from a noisy telegraph trace, with intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from ...emulator.stats.autocorrelation import autocorrelation
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.likelihood_record import score_test
from ..engine.record import Calibration, provenance_of_arrays
from .telegraph_likelihood import covariance_of, maximised, parameter_names

MODEL = "two-state hidden Markov chain"
PROTOCOL = "maximal likelihood over hidden paths, parametric bootstrap with refits"
LEAST_SAMPLES = 100
LEAST_VISITS = 5.0  # to each state: a rate from five has an error of 45 %, and its interval begins to lean
LEAST_GAIN = 20.0  # nats by which two levels must beat one; chance gives 10 once in a thousand traces
N_WAVES = 6  # cosines that a histogram of uniform numbers is held against: details down to a sixth
N_WINDOWS = 9
BATCH_TIMES = 5.0  # correlation times that a batch lasts
DIFFERENCE = 1e-4


def calibrate_telegraph(trace, seed, unit="V", n_trials=N_TRIALS, n_coverage=0, fit=None):
    """Fit a trace by maximal likelihood, the path of the hidden states summed over.

    Intervals are those of a parametric bootstrap: synthetic traces with the fitted parameters, each refitted.

    Parameters
    ----------
    trace : Trace
        Sampled trace to fit.
    seed : int
        Seed of the synthetic traces.
    unit : str
        Unit of the samples; part of the parameters' names.
    n_trials : int
        Synthetic traces, at least 20.
    n_coverage : int
        Synthetic experiments, with the estimates as truth, on which the intervals are tested; each costs as much as
        the calibration.
    fit : function of (trace, names), optional
        `fit_telegraph`, or that of a trace behind a filter or on a baseline.

    Returns
    -------
    Calibration
        ``level_low``, ``level_high``, ``noise_low``, ``noise_high`` with the unit, ``dwell_low_s``, ``dwell_high_s``.
        chi2 tests that samples, given those before them, follow the fitted model: their histogram, and that none
        remembers an earlier one. Dwell times that are not exponential, or a third level, show there.

    Raises
    ------
    InputError
        If there is one level only, a state has hardly been visited, or changes are faster than the samples.

    References
    ----------
    Baum et al., Ann. Math. Stat. 41, 164 (1970); Rosenblatt, Ann. Math. Stat. 23, 470 (1952).
    """
    fit, names = fit or fit_telegraph, trace.names(unit)
    theta, covariance = fit(trace, names)
    trials = bootstrap_telegraph(trace, theta, covariance, np.random.default_rng(seed), n_trials)
    coverage = None
    if n_coverage:
        coverage = coverage_of_experiments(
            lambda rng: experiment_of(trace.redrawn(theta, rng), names, rng, n_trials, fit),
            names,
            trace.shown(theta),
            seed,
            n_coverage,
        )
    estimates = dict(zip(names, trace.shown(theta).tolist(), strict=True))
    misfit = misfit_of(trace, theta, covariance)
    return Calibration.of_trials(
        getattr(trace, "model", MODEL),
        estimates,
        trials,
        misfit,
        seed,
        provenance_of_arrays(PROTOCOL, trace.values) | {"interval_s": float(trace.interval_s)},
        coverage,
    )


def fit_telegraph(trace, names=None):
    """Return the parameters of the largest likelihood and their inverse information; (6,), (6, 6), float64.

    Parameters
    ----------
    trace : Trace
        Sampled trace to fit.
    names : sequence of str, optional
        Names of the parameters, for error messages.
    """
    n = trace.known.size
    if n < LEAST_SAMPLES:
        raise InputError(f"Samples must be at least {LEAST_SAMPLES}, not {n}")
    found = [trace.expectation_maximisation(start) for start in _starts(trace)]
    theta, likelihood = max(found, key=lambda one: one[1])
    theta = _low_first(theta)
    one_level = -0.5 * n * (np.log(2.0 * np.pi * trace.known.var()) + 1.0)
    if likelihood - one_level < LEAST_GAIN:
        rule = f"two levels that last (log-likelihood at least {LEAST_GAIN:g} above that of one)"
        raise InputError(f"Trace must have {rule}, not {likelihood - one_level:.3g}")
    _check_visits(trace, theta)
    covariance = covariance_of(trace, theta, names or parameter_names())
    return trace.climb(theta, covariance), covariance


def bootstrap_telegraph(trace, theta, covariance, rng, n_trials=N_TRIALS):
    """Return the parameters of synthetic traces; ndarray, shape (n_trials, 6), as `shown`."""
    drawn = (trace.redrawn(theta, rng) for _ in range(n_trials))
    return np.array([one.shown(one.climb(theta, covariance)) for one in drawn])


def misfit_of(trace, theta, covariance):
    """Return chi2 and degrees of freedom of what the fitted model leaves out.

    Samples, given those before them, are transformed to uniform numbers. Directions are the first six cosines of these
    (Neyman's smooth test), their product with the one before, and the surprise about the state times the surprises
    1, 2 ... 3, 4 ... 7 and so on samples earlier, which dwell times that are not exponential show. What the fit took up
    is taken out (see `score_test`).
    """
    correlation_s = 1.0 / np.exp(theta[4:6]).sum()
    length = trace.values.size * trace.interval_s
    n_batches = int(np.clip(length / (BATCH_TIMES * correlation_s), 40, 200))
    trace = replace(trace, n_batches=n_batches)
    lags = int(np.clip(np.log2(max(trace.values.size // n_batches // 2, 2)), 1, N_WINDOWS))
    extra, _ = _directions(trace, theta, lags)
    slopes = np.empty((theta.size, extra.shape[1]))
    scores = np.empty((len(extra), theta.size))
    unit = trace.units(theta) * DIFFERENCE
    for k, step in enumerate(np.diag(unit)):
        above, below = (_directions(trace, theta + sign * step, lags) for sign in (1.0, -1.0))
        slopes[k] = (above[0] - below[0]).sum(axis=0) / (2.0 * unit[k])
        scores[:, k] = (above[1] - below[1]) / (2.0 * unit[k])
    return score_test(extra, -slopes, scores @ covariance)


def threshold_dwells_s(trace, level):
    """Return the mean dwell times below and above a threshold, as they are read off a trace; (float, float).

    What is done without a model: noise that crosses the threshold counts as two changes, so that dwell times come out
    too short, five times at a distance of 2.5 standard deviations between levels and fifty samples a dwell time.

    Parameters
    ----------
    trace : Trace
        Sampled trace to fit.
    level : float
        Threshold, in the unit of the samples.
    """
    is_high = trace.known > level
    rises = np.count_nonzero(is_high[1:] & ~is_high[:-1])
    falls = np.count_nonzero(~is_high[1:] & is_high[:-1])
    high = np.count_nonzero(is_high)
    low = is_high.size - high
    return low * trace.interval_s / max(rises, 1), high * trace.interval_s / max(falls, 1)


def experiment_of(trace, names, rng, n_trials, fit=None):
    """Return the trials of a synthetic trace, shape (n_trials, 6), and the probability of a larger chi2.

    Parameters
    ----------
    trace : Trace
        Drawn with known parameters.
    names : sequence of str
        Names of the parameters.
    rng : numpy.random.Generator
        Generator of the random numbers of the trials.
    n_trials : int
        Synthetic data sets of this trace.
    fit : function of (trace, names), optional
        Function that fits a trace, as in `calibrate_telegraph`.
    """
    theta, covariance = (fit or fit_telegraph)(trace, names)
    trials = bootstrap_telegraph(trace, theta, covariance, rng, n_trials)
    chi2, dof = misfit_of(trace, theta, covariance)
    return trials, float(stats.chi2.sf(chi2, dof))


def _starts(trace):
    """Yield parameters from moments (the noise adds to lag 0 only, the skew tells the shares) and from quantiles."""
    y = trace.known
    if y.min() == y.max():
        raise InputError(f"Trace must visit two levels, not stay at {y[0]:g}")
    rho = autocorrelation(y)[: max(3, y.size // 10)]
    signal = max(float(rho[1]), 1e-3)  # share of the variance that lasts
    drop = np.flatnonzero(rho[1:] < signal / np.e)
    time = max(float(drop[0]), 1.0) if drop.size else float(rho.size)
    total = -np.expm1(-1.0 / time)
    spread = np.sqrt(signal * y.var())
    skew = ((y - y.mean()) ** 3).mean() / spread**3
    lean = float(np.clip(skew / np.sqrt(4.0 + skew**2), -0.98, 0.98))
    noise = np.sqrt(max(1.0 - signal, 1e-4) * y.var())
    for share in (0.5 * (1.0 - lean), 0.5):
        gap = spread / np.sqrt(share * (1.0 - share))
        low = y.mean() - share * gap
        statistics = _as_counted(share, low, gap, noise, total)
        yield maximised(statistics, trace.interval_s)


def _as_counted(share, low, gap, noise, total):
    """Return the statistics of one sample that have these levels, noise, share of time up and change of memory."""
    high = low + gap
    up = np.array([share, share * high, share * (high**2 + noise**2)])
    down = np.array([1.0 - share, (1.0 - share) * low, (1.0 - share) * (low**2 + noise**2)])
    rise, fall = total * share, total * (1.0 - share)
    pairs = [(1.0 - share) * (1.0 - rise), (1.0 - share) * rise, share * fall, share * (1.0 - fall)]
    return np.concatenate([up + down, up, pairs])


def _low_first(theta):
    return theta if theta[0] <= theta[1] else theta[[1, 0, 3, 2, 5, 4]]


def _check_visits(trace, theta):
    _, found, _ = trace.expect(theta)
    visits = {"high": found[:, 7].sum(), "low": found[:, 8].sum()}
    for state, number in visits.items():
        if number < LEAST_VISITS:
            rule = f"visited at least {LEAST_VISITS:g} times"
            raise InputError(f"State {state!r} of the trace must be {rule}, not {number:.2g}: take a longer trace")


def _directions(trace, theta, n_windows):
    """Return deviations from the predicted distribution and log-likelihoods, summed over batches; (m, k), (m,)."""
    u, log_density, surprise = trace.predictive(theta)
    u = np.clip(u, 1e-12, 1.0 - 1e-12)
    z = stats.norm.ppf(u)
    columns = [np.cos(np.pi * order * u) for order in range(1, N_WAVES + 1)]
    columns.append(z * np.concatenate([[0.0], z[:-1]]))
    columns = [np.nan_to_num(column) for column in columns]  # what was not read deviates from nothing
    log_density, surprise = np.nan_to_num(log_density), np.nan_to_num(surprise)
    total = np.concatenate([[0.0], np.cumsum(surprise)])
    place = np.arange(u.size)
    for power in range(n_windows):
        near, far = place - 2**power + 1, place - 2 ** (power + 1) + 1
        columns.append(surprise * (total[np.maximum(near, 0)] - total[np.maximum(far, 0)]))
    sums = np.stack([np.add.reduceat(column, trace.starts) for column in columns], axis=1)
    return sums, np.add.reduceat(log_density, trace.starts)
