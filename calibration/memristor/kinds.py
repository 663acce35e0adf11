"""Kinds of calibration of memristors, arrays and converters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from ...emulator.devices.memristor.card import DeviceCard
from ...emulator.devices.memristor.read_noise import FlickerNoise
from ...emulator.devices.memristor.state_functions import Polynomial
from ...emulator.spec.errors import InputError
from ..data.equal_intervals import sample_grid
from ..data.units import Column
from ..junction.kinds import SIGNAL, TIME
from ..kind import Curve, Kind, Outcome, View
from .converter_curve import bends, calibrate_converter, ramp_series
from .crossbar_probing import calibrate_crossbar, probe
from .drift import calibrate_drift, fit_exponents, law_of_drift
from .programming import calibrate_programming, law_of_programming
from .read_noise_spectrum import Periodogram, calibrate_read_noise
from .relaxation import MODEL as RELAXATION
from .relaxation import calibrate_relaxation, law_of_relaxation

N_CLASSES = 12  # of conductance in a picture


def _drift(table, request):
    _, times_s, conductance_S = table.pivot("cell", "time", "conductance")
    found = calibrate_drift(
        times_s, conductance_S, request.seed, n_trials=request.n_trials, n_coverage=request.n_coverage
    )
    ends = {"g_min_S": float(conductance_S[:, 0].min()), "g_max_S": float(conductance_S[:, 0].max())}
    times = {"t0_s": float(times_s[0]), "t_max_s": float(times_s[-1])}
    card = _card(request, {**ends, **times}, drift=law_of_drift(found, conductance_S))
    fits, values = fit_exponents(times_s, conductance_S), found.estimates
    g_uS = 1e6 * np.exp(fits.log_g + np.log(conductance_S[:, 0]).mean())
    edges = np.quantile(fits.log_g, np.linspace(0.0, 1.0, N_CLASSES + 1))
    which = np.clip(np.searchsorted(edges, fits.log_g, side="right") - 1, 0, N_CLASSES - 1)
    rows = [(g_uS[which == k].mean(), fits.nu[which == k], fits.log_g[which == k].mean()) for k in range(N_CLASSES)]
    x, means, u = (np.array([f(row) for row in rows]) for f in (lambda r: r[0], lambda r: r[1].mean(), lambda r: r[2]))
    error = np.array([row[1].std(ddof=1) / np.sqrt(row[1].size) for row in rows])
    law = values["nu_mean"] + values["nu_mean_per_ln_g"] * u
    view = View("conductance (uS)", "mean drift exponent", (Curve("", x, means, error, x, law, law),), log_x=True)
    return Outcome(found, view, card)


def _programming(table, request):
    target_S, found_S = table["target"], table["conductance"]
    scale_S = float(target_S.max())
    if not scale_S > 0.0:
        raise InputError(f"{table.path}: targets must reach above 0 S, not {scale_S:g}")
    found = calibrate_programming(target_S, found_S, scale_S, request.seed, request.n_trials, request.n_coverage)
    ends = {"g_min_S": float(target_S.min()), "g_max_S": scale_S}
    card = _card(request, ends, programming=law_of_programming(found, scale_S))
    edges = np.linspace(target_S.min(), scale_S, N_CLASSES + 1)
    which = np.clip(np.searchsorted(edges, target_S, side="right") - 1, 0, N_CLASSES - 1)
    bias = np.polynomial.Polynomial([v for name, v in found.estimates.items() if name.startswith("bias_")])
    sigma = np.polynomial.Polynomial([v for name, v in found.estimates.items() if name.startswith("sigma_")])
    left = 1e6 * (found_S - target_S) - bias(target_S / scale_S)
    kept = [k for k in range(N_CLASSES) if np.count_nonzero(which == k) > 2]
    x = np.array([target_S[which == k].mean() for k in kept])
    y = np.array([np.sqrt(np.mean(left[which == k] ** 2)) for k in kept])
    error = np.array([sigma(one / scale_S) for one in x]) / np.sqrt([2.0 * np.count_nonzero(which == k) for k in kept])
    grid = np.linspace(target_S.min(), scale_S, 200)
    curve = Curve("", 1e6 * x, y, error, 1e6 * grid, sigma(grid / scale_S), sigma(x / scale_S))
    return Outcome(found, View("target (uS)", "programming error (uS)", (curve,)), card)


def _relaxation(table, request):
    _, times_s, moved_S = table.pivot("cell", "time", "change")
    found = calibrate_relaxation(times_s, moved_S, request.seed, request.n_trials, request.n_coverage)
    card, notes = None, {"card": "none: a column 'target' would tell around which conductance the law holds"}
    if "target" in table:
        target_S, notes = table["target"], {}
        law = law_of_relaxation(found, times_s, float(target_S.mean()))
        ends = {"g_min_S": float(target_S.min()), "g_max_S": float(max(target_S.max(), target_S.min() * (1 + 1e-9)))}
        card = _card(request, {**ends, "t0_s": float(times_s[0]), "t_max_s": float(times_s[-1])}, drift=law)
    values, grown = found.estimates, np.log(times_s[-1] / times_s[0])
    core, tail, shift = (values[f"{k}_uS"] + values[f"{k}_per_ln_t"] * grown for k in ("core", "tail", "shift"))
    x = np.sort(1e6 * moved_S[:, -1])
    share = values["tail_share"]

    def above(one):
        z = np.abs(one)
        return 2.0 * ((1.0 - share) * ndtr(-z / core) + share * ndtr(-z / tail))

    distance = np.sort(np.abs(x - shift))
    picked = np.unique(np.geomspace(1, distance.size // 2, 24).astype(np.int64))  # cells beyond
    at = distance[-picked]
    grid = np.linspace(0.0, at.max(), 200)
    expected = above(at)
    error = np.sqrt(np.maximum(expected * (1.0 - expected), 1.0 / x.size) / x.size)
    curve = Curve("", at, picked / x.size, error, grid, above(grid), expected)
    view = View("distance from the median (uS)", "share of cells beyond, at the last time", (curve,), log_y=True)
    return Outcome(found, view, card, notes)


def _read_noise(table, request):
    if "cell" in table:
        _, times_s, traces = table.pivot("cell", "time", "signal")
        rows = np.flatnonzero(table["cell"] == table["cell"].min())
        rows = rows[np.argsort(table["time"][rows])]
    else:
        times_s, traces, rows = table["time"], table["signal"][None], np.arange(len(table))
    interval_s, places, rounding_s = sample_grid(table, rows, "gaps" in table.rules)
    if rounding_s:
        table.rounding["time"] = rounding_s
    traces = _unbroken(traces, places)
    if traces.shape[1] < times_s.size:
        table.masked["samples outside the longest stretch"] = int(times_s.size - traces.shape[1])
    if not traces.mean(axis=1).min() > 0.0:
        raise InputError(f"{table.path}: column {table.headers['signal']!r} must have a mean above 0")
    found = calibrate_read_noise(traces, interval_s, request.seed, request.n_trials, request.n_coverage)
    card, exponent = None, found.parameters["exponent"]
    if table.units["signal"] == "S" and exponent.low <= 1.0 <= exponent.high:
        strength = Polynomial((float(np.sqrt(found.estimates["power_per_Hz"])),))
        noise = FlickerNoise(strength=strength, scale_S=float(traces.mean()), t_read_s=interval_s)
        card = _card(request, {"g_min_S": 0.0, "g_max_S": float(traces.max())}, read_noise=noise)
    one, values = Periodogram(traces, interval_s), found.estimates
    law = values["power_per_Hz"] * one.frequency_Hz ** -values["exponent"] + values["white_per_Hz"]
    edges = np.unique(np.geomspace(1, one.power.size, 30).astype(np.int64)) - 1
    sizes = np.diff(np.append(edges, one.power.size))
    x, y, at = (np.add.reduceat(part, edges) / sizes for part in (one.frequency_Hz, one.power, law))
    curve = Curve("", x, y, at / np.sqrt(sizes * one.n_traces), one.frequency_Hz, law, at)
    return Outcome(found, View("frequency (Hz)", "relative noise (1/Hz)", (curve,), log_x=True, log_y=True), card)


def _unbroken(traces, places):
    """Return the longest stretch of samples that were all read: a spectrum knows no gaps."""
    is_read = np.isfinite(traces).all(axis=0)
    breaks = np.flatnonzero((np.diff(places) != 1) | ~is_read[1:] | ~is_read[:-1])
    edges = np.concatenate([[-1], breaks, [places.size - 1]])
    longest = int(np.argmax(np.diff(edges)))
    return traces[:, edges[longest] + 1 : edges[longest + 1] + 1]


def _crossbar(table, request):
    patterns, outputs, weights = table["patterns"], table["outputs"], table["weights"]
    found = calibrate_crossbar(patterns, outputs, weights, request.seed, request.n_trials)
    one = probe(patterns, outputs, weights)
    columns = np.arange(one.gains.size, dtype=np.float64)
    mean = np.full(columns.size, found.estimates["gain_mean"])
    error = np.hypot(one.gain_error, found.estimates["gain_sd"])
    curve = Curve("", columns, one.gains, error, columns, mean, mean)
    stuck = [[int(row), int(column)] for row, column in np.argwhere(one.is_stuck)]
    notes = {"stuck_cells": str(stuck[:20]) if stuck else "none", "n_stuck": len(stuck)}
    return Outcome(found, View("column", "gain", (curve,)), None, notes)


def _converter(x_name, y_name):
    def run(table, request):
        units = tuple(table.units[name] or "LSB" for name in (x_name, y_name))
        names = tuple(f"{name}_{unit}" for name, unit in zip((x_name, y_name), units, strict=True))
        series = ramp_series(table[x_name], table[y_name], names)
        found = calibrate_converter(series, units, request.seed, request.n_trials, request.n_coverage)
        values = list(found.estimates.values())
        line = values[0] + values[1] * series.x
        bend = bends(series, series.x, *values[2:])
        sigma = np.sqrt(series.covariances[:, 0, 0])
        curve = Curve("", series.x, series.values[:, 0] - line, sigma, series.x, bend, bend)
        notes = {f"largest_nonlinearity_{units[1]}": float(np.abs(bend).max())}
        return Outcome(
            found, View(f"{x_name} ({units[0]})", f"{y_name} less the line ({units[1]})", (curve,)), None, notes
        )

    return run


def _card(request, window, **law):
    """Return the base card with a law put in, or a card of that law alone."""
    if request.base is not None:
        return replace(
            request.base, name=request.name, citation=f"{request.base.citation}; {_what(law)} measured", **law
        )
    window = {"t0_s": 1.0, "t_max_s": 1.0 + 1e-9, **window}
    return DeviceCard(name=request.name, citation=f"{_what(law)} measured; nothing else known", **window, **law)


def _what(law):
    name = next(iter(law))
    return f"{name.replace('_', ' ')} ({RELAXATION})" if type(law[name]).__name__ == "HeavyTailRelaxation" else name


CELL = Column("cell", aliases=("device", "cell number", "cell no"))
CONDUCTANCE, TARGET = Column("conductance", ("S",), aliases=("g",)), Column("target", ("S",))
MANY = Column("conductance", ("S",), aliases=("g",), is_known_by_unit=True)  # in a wide table one column a cell
CHANGE = Column("change", ("S",), is_known_by_unit=True)
MATRICES = tuple(Column(name, (), False, 2) for name in ("patterns", "outputs", "weights"))
MEMRISTOR_KINDS = {
    "drift": Kind("drift exponents of many cells, mean and spread by conductance", (CELL, TIME, MANY), _drift, "cell"),
    "programming": Kind("bias and spread of the programming error by target", (TARGET, CONDUCTANCE), _programming),
    "relaxation": Kind(
        "core, tail and shift of displacements after programming",
        (CELL, TIME, CHANGE, replace(TARGET, is_optional=True)),
        _relaxation,
        "cell",
    ),
    "read-noise": Kind(
        "power, exponent and white floor of read noise",
        (TIME, replace(SIGNAL, units=("S", "A", "V")), replace(CELL, is_optional=True)),
        _read_noise,
        "sample",
    ),
    "crossbar": Kind(
        "gains, offsets and stuck cells of an array by Hadamard patterns (npz, HDF5)", MATRICES, _crossbar
    ),
    "adc": Kind(
        "gain, offset and nonlinearity of a converter from a ramp",
        (Column("input", ("V", "A")), Column("code")),
        _converter("input", "code"),
    ),
    "dac": Kind(
        "the same of a converter the other way",
        (Column("code"), Column("output", ("V", "A"))),
        _converter("code", "output"),
    ),
}
