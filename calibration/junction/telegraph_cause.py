"""Why a trace is no plain telegraph signal: the model that explains the misfit, chosen by its likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from .telegraph_baseline import BaselineTrace, start_on_baseline
from .telegraph_filter import FilteredTrace, filter_time_s, start_of_decay
from .telegraph_fit import fit_telegraph
from .telegraph_levels import fit_levels
from .telegraph_likelihood import Trace
from .telegraph_smoothing import STARTS, SmoothedTrace

LEAST_GAIN = 10.0  # nats beyond the price of the parameters, by which another model must win: chance gives e^-10
WAVES = (2, 8, 24)  # cosines of the baselines that are tried
MOST_SAMPLES = 100_000  # the first ones tell enough
LEAST_SHARE = 0.01  # of the time that a third level must take


@dataclass(frozen=True)
class Cause:
    """What a trace is made of, besides two levels and white noise.

    Parameters
    ----------
    name : str
        "bandwidth", "baseline", "third level" or "unknown".
    gain : float
        Logarithm of the likelihood that the model with it gains, the price of its parameters taken off (half the
        logarithm of the number of samples for each).
    text : str
        One line: what was found, and what to do.
    """

    name: str
    gain: float
    text: str


UNKNOWN = "no filter, baseline or third level explains it; dwell times may not be exponential, or the noise not normal"


def cause_of(trace):
    """Return the `Cause` for which the plain model fails, the one that explains most.

    Parameters
    ----------
    trace : Trace
        Whose plain fit was rejected, or did not end.

    Returns
    -------
    Cause
        "unknown", with a gain of 0, where no other model wins by 10 nats.
    """
    trace = Trace(trace.values[:MOST_SAMPLES], trace.interval_s)
    y = trace.known
    theta, plain = _plain(trace)
    found = [Cause("unknown", 0.0, UNKNOWN)]
    for law in (_bandwidth, _smoothing, _baseline, _third_level):
        try:
            one = law(trace, theta)
        except (InputError, np.linalg.LinAlgError):
            continue
        if one is not None:
            value, n_more, name, text = one
            gain = value - plain - 0.5 * n_more * np.log(y.size)
            found += [Cause(name, float(gain), f"{text} (log-likelihood {gain:+.0f})")] if gain > LEAST_GAIN else []
    return max(found, key=lambda one: one.gain)


def _plain(trace):
    """Return parameters and log-likelihood of the plain model, those of one level where it does not fit."""
    try:
        theta, _ = fit_telegraph(trace)
        return theta, trace.expect(theta)[0]
    except InputError:
        y = trace.known
        low, high = np.quantile(y, (0.25, 0.75))
        noise = np.log(max(y.std() / 2.0, 1e-300))
        start = np.array([low, high, noise, noise, *np.log(np.array([0.02, 0.02]) / trace.interval_s)])
        try:
            return trace.expectation_maximisation(start)
        except InputError:
            return start, float(-0.5 * y.size * (np.log(2.0 * np.pi * y.var()) + 1.0))


def _bandwidth(trace, _):
    one = FilteredTrace(trace.values, trace.interval_s)
    decay = start_of_decay(one)
    plain = one.whitened(decay)
    theta, _ = fit_telegraph(plain)
    value = plain.expect(theta)[0] + one.log_jacobian(decay) * plain.known.size
    return value, 1, "bandwidth", _filter_text(decay, trace.interval_s, "with its noise")


def _smoothing(trace, theta):
    one = SmoothedTrace(trace.values, trace.interval_s)
    begin = [np.array([*theta[:2], theta[2:4].mean(), *theta[4:6], decay]) for decay in STARTS]
    values = [one.log_likelihood(start) for start in begin]
    decay = STARTS[int(np.argmax(values))]
    return max(values), 1, "bandwidth", _filter_text(decay, trace.interval_s, "in front of its noise")


def _filter_text(decay, interval_s, where):
    tau_s = filter_time_s(decay, interval_s)
    found = f"the signal, {where}, went through a low-pass of about {tau_s:.2g} s ({tau_s / interval_s:.2g} samples)"
    return f"bandwidth: {found}; model it by --filter fit"


def _baseline(trace, _):
    best = None
    for n_waves in WAVES:
        one = BaselineTrace(trace.values, trace.interval_s, n_waves=n_waves)
        theta, value = start_on_baseline(one)
        worth = value - 0.5 * n_waves * np.log(trace.known.size)
        if best is None or worth > best[0]:
            best = worth, value, n_waves, one.baseline(theta).std() / (theta[1] - theta[0])
    _, value, n_waves, size = best
    text = (
        f"baseline: both levels drift together, by {100.0 * size:.2g} % of their distance; model it by --baseline fit"
    )
    return value, n_waves, "baseline", text


def _third_level(trace, theta):
    low, high, noise = theta[0], theta[1], float(np.exp(theta[2:4]).mean())
    stay = 1.0 / (np.exp(theta[4:6]).max() * trace.interval_s)
    others = (0.5 * (low + high), low - 0.5 * (high - low), high + 0.5 * (high - low))
    found = [fit_levels(trace, np.array([low, high, other]), noise, stay) for other in others]
    value, levels, shares = max(found, key=lambda one: one[0])
    if shares.min() < LEAST_SHARE or np.diff(levels).min() < 0.05 * np.ptp(levels):
        return None
    shown = ", ".join(f"{level:.4g}" for level in levels)
    text = (
        f"third level: the trace visits {shown}; two states do not describe it: record one junction, or cut the trace"
    )
    return value, 4, "third level", text
