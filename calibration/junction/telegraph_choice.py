"""Which model a trace is fitted with: plain, behind a filter, or on a baseline; as the user chooses."""

from __future__ import annotations

from math import isfinite

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from ..engine.record import SMALLEST_P
from .telegraph_baseline import MOST_WAVES, BaselineTrace, fit_on_baseline, start_on_baseline
from .telegraph_filter import FilteredTrace, fit_filtered
from .telegraph_fit import fit_telegraph, misfit_of
from .telegraph_smoothing import SmoothedTrace, fit_smoothed, grid_for

FIT = "fit"
WAVES = (1, 2, 4, 8, 16, 32)  # of baselines that ``fit`` compares


def model_of(trace, filter_time="", baseline=""):
    """Return the trace under the model that is asked for, and its fit.

    Parameters
    ----------
    trace : Trace
        Sampled trace to fit.
    filter_time : str
        Time constant of a low-pass [s], ``fit`` to find it, empty for none.
    baseline : str
        Shortest period of a slow baseline [s], ``fit`` to choose it, empty for none.

    Returns
    -------
    (object, function of (trace, names))
        Trace and its fit, arguments of `calibrate_telegraph`.

    Raises
    ------
    InputError
        If both are asked for, or a time is none.
    """
    if filter_time and baseline:
        raise InputError("Filter and baseline must be modelled one at a time, not both: take off the baseline first")
    if baseline:
        return _on_baseline(trace, _time_s(baseline, "Baseline")), remembered(fit_on_baseline)
    if filter_time:
        return _behind_filter(trace, _time_s(filter_time, "Filter time"))
    return trace, fit_telegraph


def _time_s(text, what):
    """Return a time in seconds, None for ``fit``."""
    if text == FIT:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and value > 0.0):
        raise InputError(f"{what} must be a time in seconds above 0 or {FIT!r}, not {text!r}")
    return value


def remembered(fit):
    """Return a fit that keeps its last answer: the data themselves are asked for twice."""
    kept = []

    def again(trace, names=None):
        if not kept or kept[0] is not trace:
            kept[:] = [trace, fit(trace, names)]
        return kept[1]

    return again


def _on_baseline(trace, period_s):
    length_s = trace.values.size * trace.interval_s
    if period_s is not None:
        n_waves = int(2.0 * length_s / period_s)
        if not 1 <= n_waves <= MOST_WAVES:
            ends = f"{2.0 * length_s / MOST_WAVES:.3g} to {2.0 * length_s:.3g} s for this trace"
            raise InputError(f"Baseline must be of a period of {ends}, not {period_s:g} s")
        return BaselineTrace(trace.values, trace.interval_s, n_waves=n_waves)
    found = []
    for n_waves in WAVES:
        one = BaselineTrace(trace.values, trace.interval_s, n_waves=n_waves)
        worth = start_on_baseline(one)[1] - 0.5 * n_waves * np.log(trace.known.size)
        found.append((worth, n_waves, one))
    return max(found, key=lambda one: one[0])[2]


def _behind_filter(trace, tau_s):
    """Return the trace with its noise in front of the filter, or behind it where the data reject the first."""
    decay = None if tau_s is None else float(np.exp(-trace.interval_s / tau_s))
    before, fit_before = FilteredTrace(trace.values, trace.interval_s, decay=decay), remembered(fit_filtered)
    refusal = None
    try:
        if stats.chi2.sf(*misfit_of(before, *fit_before(before))) >= SMALLEST_P:
            return before, fit_before
    except InputError as error:
        refusal = error
    try:
        start, _ = fit_telegraph(trace)
        behind = SmoothedTrace(trace.values, trace.interval_s, decay=decay, n_nodes=grid_for(trace, start))
        fit_behind = remembered(fit_smoothed)
        theta, covariance = fit_behind(behind)
    except InputError as error:
        if refusal is not None:
            raise InputError(f"{refusal}; with the noise behind the filter: {error}") from None
        return before, fit_before
    if refusal is None and stats.chi2.sf(*misfit_of(behind, theta, covariance)) < SMALLEST_P:
        if before.scores(fit_before(before)[0])[0] > behind.log_likelihood(theta):
            return before, fit_before
    return behind, fit_behind
