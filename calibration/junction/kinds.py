"""Kinds of calibration of sMTJs: a trace, counts against drive, dwell times against drive, traces against drive."""

from __future__ import annotations

import numpy as np

from ...emulator.devices.junction.card import SmtjCard
from ...emulator.spec.errors import InputError
from ..data.units import Column
from ..kind import Curve, Kind, Outcome, View
from .barrier import barrier_model, calibrate_barrier, card_of_barrier, dwell_series, sweep_of_traces
from .sigmoid import SigmoidCounts, calibrate_sigmoids
from .telegraph_kind import calibrate_trace, checked_trace

SIGNALS = ("V", "A", "ohm", "S")
DRIVES = ("V", "A", "T")
N_SHOWN = 8  # junctions in a picture
LN_10 = np.log(10.0)
BARRIER = (
    "ln of the mean dwell time in +1 is ln tau0 + barrier (1 + x)^2, in -1 with 1 - x, x = gain (drive - offset); "
    "+1 is the high level, or what dwell_up counts; drive and offset in {unit}"
)
SIGMOID = (
    "P(up) = 1 / (1 + exp(-2 slope (drive - offset))); up is what n_up counts and becomes spin +1; slope in 1/{unit}, "
    "above 0 where a larger drive gives more up; offset is the drive [{unit}] at which both are equal"
)


def _sigmoid(table, request):
    unit = table.units["drive"]
    table.check_counts("n_reads", 1)
    table.check_counts("n_up", 0)
    for row in np.flatnonzero(table["n_up"] > table["n_reads"])[:1]:
        rule = f"at most the {table['n_reads'][row]:g} reads of its row"
        raise InputError(f"{table.where('n_up', row)} must be {rule}, not {table['n_up'][row]:g}")
    counts = _counts(table, unit)
    found = calibrate_sigmoids(counts, request.seed, request.n_trials, request.n_coverage)
    card = _sigmoid_card(found, counts, request.name)
    return Outcome(found, _sigmoid_view(counts, found.estimates), card, {"convention": SIGMOID.format(unit=unit)})


def _counts(table, unit):
    """Return counts by junction; every junction has been read at the same drives."""
    numbers = table["junction"] if "junction" in table else np.zeros(len(table))
    tau = table["tau"] if "tau" in table else np.ones(len(table))
    order = np.lexsort((table["drive"], numbers))
    drives = np.unique(table["drive"])
    n_junctions = np.unique(numbers).size
    if len(table) != n_junctions * drives.size or not np.array_equal(
        table["drive"][order], np.tile(drives, n_junctions)
    ):
        found = f"{len(table)} rows for {n_junctions} junctions and {drives.size} drives"
        raise InputError(f"{table.path}: every junction must have one row at every drive, not {found}")
    n_up, n_reads, tau = (one[order].reshape(n_junctions, -1) for one in (table["n_up"], table["n_reads"], tau))
    return SigmoidCounts(drives, n_up, n_reads, tau, unit)


def _sigmoid_card(found, counts, name):
    """Return a card: a slope alpha is 2 Delta gain, and the barrier is that of the nominal junction."""
    from ...emulator.pbits.junction_bank import NOMINAL

    values, unit, many = found.estimates, counts.unit, len(counts.n_up) >= 3
    slope = values[f"slope_mean_per_{unit}"] if many else values[f"slope_0_per_{unit}"]
    return SmtjCard(
        tau0_s=NOMINAL.tau0_s,
        barrier_kT=NOMINAL.barrier_kT,
        gain=slope / (2.0 * NOMINAL.barrier_kT),
        offset=values[f"offset_mean_{unit}"] if many else values[f"offset_0_{unit}"],
        drive_unit=unit,
        cv_gain=min(values[f"slope_sd_per_{unit}"] / slope, 1.0) if many else 0.0,
        sd_offset=values[f"offset_sd_{unit}"] if many else 0.0,
        name=name,
        citation=f"slope and offset measured; barrier {NOMINAL.barrier_kT:g} kT and attempt time assumed",
    )


def _sigmoid_view(counts, values):
    grid = np.linspace(counts.drives[0], counts.drives[-1], 300)
    curves = []
    for i in range(min(N_SHOWN, len(counts.n_up))):
        slope, offset = values[f"slope_{i}_per_{counts.unit}"], values[f"offset_{i}_{counts.unit}"]
        line, law = (1.0 / (1.0 + np.exp(-2.0 * slope * (x - offset))) for x in (grid, counts.drives))
        worth = counts.n_reads[i] / counts.tau[i]
        sigma = np.sqrt(np.maximum(law * (1.0 - law), 1.0 / worth) / worth)
        label = f"junction {i}" if len(counts.n_up) > 1 else ""
        curves.append(Curve(label, counts.drives, counts.n_up[i] / counts.n_reads[i], sigma, grid, line, law))
    return View(f"drive ({counts.unit})", "share of reads that are up", tuple(curves))


def _dwells(table, request):
    unit = table.units["drive"]
    table.check_sorted("drive")
    for name in ("dwell_up", "dwell_down"):
        table.check_above_zero(name)
    for name in ("n_up", "n_down"):
        table.check_counts(name, 1)
    logs = np.log(np.stack([table["dwell_up"], table["dwell_down"]], axis=1))
    covariances = np.stack([np.diag(pair) for pair in 1.0 / np.stack([table["n_up"], table["n_down"]], axis=1)])
    return _barrier(dwell_series(table["drive"], logs, covariances, unit), unit, request)


def _junction(table, request):
    unit, signal = table.units["drive"], table.headers["signal"]
    groups = table.groups("drive")
    if len(groups) < 3:
        raise InputError(f"{table.path}: drives must be at least 3 different ones, not {len(groups)}")
    traces = []
    for drive, rows in groups:
        if np.any(np.diff(rows) != 1):
            raise InputError(f"{table.path}: rows of drive {drive:g} {unit} must follow each other, not be scattered")
        traces.append(checked_trace(table, rows))
    try:
        series = sweep_of_traces([drive for drive, _ in groups], traces, unit)
    except InputError as error:
        raise InputError(f"{table.path}: column {signal!r}: {error}") from None
    return _barrier(series, unit, request)


def _barrier(series, unit, request):
    found = calibrate_barrier(series, request.seed, unit, n_trials=request.n_trials, n_coverage=request.n_coverage)
    card = card_of_barrier(found, series.x, unit, request.name, "dwell times against drive; exponent 2 assumed")
    law = barrier_model(unit, list(found.estimates.values()))
    values = np.array(list(found.estimates.values()))
    grid = np.linspace(series.x[0], series.x[-1], 200)
    lines, at_points = (law.predict(values, [x])[0] for x in (grid, series.x))
    curves = []
    for k, label in enumerate(("dwell times in +1", "dwell times in -1")):
        y = np.exp(series.values[:, k])
        sigma = y * np.sqrt(series.covariances[:, k, k])
        curves.append(Curve(label, series.x, y, sigma, grid, np.exp(lines[:, k]), np.exp(at_points[:, k])))
    notes = {"tau0_s": card.tau0_s, "convention": BARRIER.format(unit=unit)}
    return Outcome(found, View(f"drive ({unit})", "mean dwell time (s)", tuple(curves), log_y=True), card, notes)


DRIVE = Column("drive", DRIVES)
TIME = Column("time", ("s",), aliases=("t", "zeit", "timestamp", "time stamp", "datetime"), is_known_by_unit=True)
SIGNAL = Column("signal", SIGNALS, aliases=("voltage", "current", "resistance", "conductance"), is_known_by_unit=True)
JUNCTION_KINDS = {
    "telegraph": Kind(
        "levels, noise and dwell times of a noisy two-level trace", (TIME, SIGNAL), calibrate_trace, "sample"
    ),
    "sigmoid": Kind(
        "slope and offset of junctions from counts at several drives",
        (DRIVE, Column("n_up"), Column("n_reads"), Column("tau", (), True), Column("junction", (), True)),
        _sigmoid,
    ),
    "dwells": Kind(
        "barrier, attempt time, gain and offset from mean dwell times at several drives",
        (DRIVE, Column("dwell_up", ("s",)), Column("dwell_down", ("s",)), Column("n_up"), Column("n_down")),
        _dwells,
    ),
    "junction": Kind("the same from traces at several drives", (DRIVE, TIME, SIGNAL), _junction, "sample"),
}
