"""Calibration of a single telegraph trace: fit, causes where it is rejected, card, pictures."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ..data.equal_intervals import sample_grid
from ..engine.record import SMALLEST_P
from ..kind import Curve, Outcome, TraceView, View
from .telegraph_baseline import BaselineTrace
from .telegraph_card import card_of_trace
from .telegraph_cause import cause_of
from .telegraph_choice import FIT, WAVES, model_of
from .telegraph_filter import FilteredTrace
from .telegraph_fit import calibrate_telegraph, threshold_dwells_s
from .telegraph_kernels import drawn_path
from .telegraph_likelihood import Trace, levels_of, steps_of

N_BINS = 60
N_SHOWN = 600  # samples of a trace in a picture
STAYS_SHOWN = 12  # changes that the piece should hold


def calibrate_trace(table, request):
    """Return the `Outcome` of a table with ``time`` and ``signal``."""
    trace, unit = checked_trace(table, np.arange(len(table))), table.units["signal"]
    try:
        model, fit = model_of(trace, request.filter_time, request.baseline)
        found = calibrate_telegraph(model, request.seed, unit, request.n_trials, request.n_coverage, fit)
    except InputError as error:
        cause = cause_of(trace)
        if cause.name == "unknown" or request.filter_time or request.baseline:
            raise
        raise InputError(f"{table.path}: trace must be two levels with white noise, not so: {cause.text}") from error
    values = found.estimates
    low, high = values[f"level_low_{unit}"], values[f"level_high_{unit}"]
    low_s, high_s = threshold_dwells_s(trace, 0.5 * (low + high))
    noise = values.get(f"noise_low_{unit}", values.get(f"noise_{unit}"))
    notes = {
        "model": found.model,
        "level_distance_in_noise": (high - low) / noise,
        "threshold_dwell_low_s": low_s,
        "threshold_dwell_high_s": high_s,
    }
    if found.chi2_p < SMALLEST_P:
        cause = cause_of(trace)
        notes |= {"cause": cause.name, "remedy": _tried(cause.name, request) or cause.text}
    theta = fit(model, model.names(unit))[0]
    notes |= _notes_of(model, theta, unit)
    plain, plain_theta = _plain(model, theta)
    card = card_of_trace(values, unit, request.name, found.model)
    return Outcome(found, _histogram(plain, model, theta, unit), card, notes, _trace_view(plain, plain_theta, unit))


def _tried(cause, request):
    """Return what to do where the remedy of a cause was tried and is not enough, or an empty text."""
    if cause == "bandwidth" and request.filter_time == FIT:
        return (
            "bandwidth: --filter fit models it, but not all: two low-passes, noise both in front of and behind one, and"
            " changes between samples are not modelled; record with a larger bandwidth"
        )
    if cause == "baseline" and request.baseline == FIT:
        return f"baseline: --baseline fit tries {WAVES[-1]} half waves at most; give its shortest period in seconds"
    return ""


def _notes_of(model, theta, unit):
    if isinstance(model, BaselineTrace):
        baseline = model.baseline(theta)
        return {"baseline_waves": model.n_waves, f"baseline_range_{unit}": float(np.ptp(baseline))}
    return {}


def _plain(model, theta):
    """Return the trace in front of the filter or without its baseline, and the six parameters of a plain one."""
    if isinstance(model, FilteredTrace):
        return model.whitened(theta[6]), theta[:6]
    if isinstance(model, BaselineTrace):
        return model.level(theta), theta[:6]
    if isinstance(model, Trace):
        return model, theta
    return Trace(model.values, model.interval_s), np.array([*theta[:3], *theta[2:5]])


def checked_trace(table, rows):
    """Return the `Trace` of some rows after a check of its times; NaN where a sample was masked or lacks."""
    signal = table["signal"][rows]
    interval_s, places, rounding_s = sample_grid(table, rows, "gaps" in table.rules)
    known = signal[np.isfinite(signal)]
    if np.unique(known[:1000]).size <= 2 and np.unique(known).size <= 2:
        found = f"{np.unique(known).size} values without noise"
        raise InputError(f"{table.path}: column {table.headers['signal']!r} must hold a measured signal, not {found}")
    values = np.full(places[-1] + 1, np.nan)
    values[places] = signal
    if values.size > signal.size:
        table.masked["gaps"] = table.masked.get("gaps", 0) + values.size - signal.size
    if rounding_s:
        table.rounding["time"] = rounding_s
    return Trace(values, interval_s)


def _histogram(plain, model, theta, unit):
    """Return the histogram of the samples, a bin's error from its count and the memory of the states."""
    y, interval_s = plain.known, plain.interval_s
    counts, edges = np.histogram(y, bins=N_BINS)
    centres, width = 0.5 * (edges[1:] + edges[:-1]), edges[1] - edges[0]
    values = dict(zip(model.names(unit), model.shown(theta), strict=True))
    rates = 1.0 / values["dwell_low_s"], 1.0 / values["dwell_high_s"]
    memory = 1.0 + 2.0 / (interval_s * sum(rates))  # samples that one state lasts, about
    grid = np.linspace(edges[0], edges[-1], 400)
    if f"noise_{unit}" in values:  # behind a filter the distribution of a sample has no formula: many are drawn
        drawn = np.concatenate([model.redrawn(theta, np.random.default_rng(k)).known for k in range(10)])
        drawn_counts, _ = np.histogram(drawn, bins=edges)
        at_points = drawn_counts / (width * drawn.size)
        line = np.interp(grid, centres, at_points)
    else:
        at_points, line = (_mixture(x, values, unit, rates) for x in (centres, grid))
    expected = np.maximum(at_points * width * y.size, 1.0)
    sigma = np.sqrt(expected * (1.0 + memory * expected / y.size)) / (width * y.size)
    curve = Curve("", centres, counts / (width * y.size), sigma, grid, line, at_points)
    return View(f"signal ({unit})", f"density (1/{unit})", (curve,))


def _mixture(x, values, unit, rates):
    """Return the density of two normals with the shares of time of two states that are left at some rates."""
    share = rates[0] / (rates[0] + rates[1])
    found = np.zeros(np.shape(x))
    for name, part in (("low", 1.0 - share), ("high", share)):
        level, noise = values[f"level_{name}_{unit}"], values[f"noise_{name}_{unit}"]
        found += part / noise / np.sqrt(2.0 * np.pi) * np.exp(-0.5 * ((x - level) / noise) ** 2)
    return found


def _trace_view(trace, theta, unit):
    """Return a piece of a trace and the dwell times of a path drawn from the distribution of paths given the trace."""
    states = np.empty(trace.values.size, dtype=np.int8)
    uniforms = np.random.default_rng(0).random(states.size)
    drawn_path(trace.values, levels_of(theta), steps_of(theta, trace.interval_s), uniforms, states)
    edges = np.flatnonzero(np.diff(states)) + 1
    lengths, starts = np.diff(edges), edges[:-1]
    lost = np.concatenate([[0], np.cumsum(np.isnan(trace.values))])
    is_whole = lost[edges[1:]] == lost[edges[:-1]] if edges.size else np.empty(0, dtype=bool)
    stays = {
        name: trace.interval_s * lengths[is_whole & (states[starts] == state)]
        for name, state in (("low", 0), ("high", 1))
    }
    rates = np.exp(theta[4:6])
    wanted = STAYS_SHOWN * 0.5 * (1.0 / rates).sum() / trace.interval_s
    n = int(np.clip(wanted, 50, N_SHOWN))
    low, high = levels_of(theta)[:2]
    return TraceView(
        y_label=f"signal ({unit})",
        times_s=trace.interval_s * np.arange(min(n, states.size)),
        values=trace.values[:n],
        path=np.where(states[:n] == 1, high, low),
        stays_s=stays,
        means_s={"low": float(1.0 / rates[0]), "high": float(1.0 / rates[1])},
        interval_s=trace.interval_s,
    )
