"""Barrier, attempt time, gain and offset of a junction from its dwell times at several drives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...emulator.devices.junction.card import SmtjCard
from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.calibrate import calibrate
from ..engine.model import Parameter, curve_model
from ..engine.series import Series
from .telegraph_fit import fit_telegraph

KNOWN_EXPONENT = 2.0  # of a pitchfork, junctions without a field; see `SmtjCard`
LN_10 = np.log(10.0)


def barrier_model(unit, start, exponent=KNOWN_EXPONENT):
    r"""Return the model of log dwell times against drive.

    .. math:: \ln \tau_\pm = \ln \tau_0 + \Delta \max(1 \pm x, 0)^n, \qquad x = g (V - V_0)

    Parameters
    ----------
    unit : str
        Unit of the drive.
    start : ndarray, shape (4,), float64
        log10 of tau0 in seconds, barrier, gain, offset.
    exponent : float or None
        n; None for a free one, which begins at 2.

    Returns
    -------
    Model
        Columns are ln of the dwell time in +1, and in -1, in seconds.
    """
    log_tau0, barrier, gain, offset = (float(one) for one in start)

    def logs(drive, log10_tau0, barrier_kT, gain, offset, n=exponent):
        x = gain * (drive - offset)
        wells = np.stack([np.maximum(1.0 + x, 0.0), np.maximum(1.0 - x, 0.0)], axis=1)
        return LN_10 * log10_tau0 + barrier_kT * wells**n

    parameters = [
        Parameter("log10_tau0_s", log_tau0, scale=1.0),
        Parameter("barrier_kT", barrier, low=0.0, high=80.0),
        Parameter(f"gain_per_{unit}", gain, low=0.0),
        Parameter(f"offset_{unit}", offset, scale=max(abs(offset), 0.1 / gain)),
    ]
    if exponent is None:
        parameters.append(Parameter("exponent", KNOWN_EXPONENT, low=1.0, high=4.0))
    return curve_model("barrier of a junction", logs, parameters)


def dwell_series(drives, log_dwells, covariances, unit="V"):
    """Return dwell times as points for the fit.

    Parameters
    ----------
    drives : ndarray, shape (n_drives,), float64
        Not descending [drive unit].
    log_dwells : ndarray, shape (n_drives, 2), float64
        ln of the mean dwell time in +1 and in -1, in seconds.
    covariances : ndarray, shape (n_drives, 2, 2), float64
        Covariances of the logarithms; a mean of k dwell times has the variance 1 / k.
    unit : str
        Unit of the drives.

    Returns
    -------
    Series
    """
    columns = ("ln_dwell_up", "ln_dwell_down")
    return Series("dwell times", drives, log_dwells, covariances, columns, f"drive_{unit}")


def calibrate_barrier(series, seed, unit="V", exponent=KNOWN_EXPONENT, n_trials=N_TRIALS, n_coverage=0):
    """Fit the barrier to dwell times.

    Parameters
    ----------
    series : Series
        Result of `dwell_series`.
    seed : int
        Seed of the synthetic data.
    unit : str
        Unit of the drives.
    exponent : float or None
        n of the barrier, None to fit it.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        ``log10_tau0_s``, ``barrier_kT``, ``gain_per_V``, ``offset_V``, and ``exponent`` where it is free.

    Raises
    ------
    InputError
        If the sweep is too narrow to tell barrier from gain: the slope gives their product, the curvature the rest.
    """
    model = barrier_model(unit, _start(series), exponent)
    return calibrate(model, [series], seed, n_trials, n_coverage=n_coverage)


def sweep_of_traces(drives, traces, unit="V"):
    """Return the dwell times of traces, one at each drive, by the hidden Markov fit.

    Parameters
    ----------
    drives : sequence of float
        Drive of each point, ascending [drive unit].
    traces : sequence of Trace
        The high level is +1.
    unit : str
        Unit of the drives.

    Returns
    -------
    Series

    Raises
    ------
    InputError
        As `fit_telegraph`, with the drive in front.
    """
    logs, covariances = [], []
    for drive, trace in zip(drives, traces, strict=True):
        try:
            theta, covariance = fit_telegraph(trace)
        except InputError as error:
            raise InputError(f"Drive {drive:g} {unit}: {error}") from None
        logs.append(-theta[[5, 4]])  # the dwell time in the high level ends at the rate down
        covariances.append(covariance[np.ix_([5, 4], [5, 4])])
    return dwell_series(np.asarray(drives, dtype=np.float64), np.array(logs), np.array(covariances), unit)


def card_of_barrier(calibration, drives, unit="V", name="measured", citation="measured", nominal=None):
    """Return the card of the junction that a fit found.

    Parameters
    ----------
    calibration : Calibration
        Result of `calibrate_barrier`.
    drives : ndarray, float64
        Drives of the sweep; the card is good between the lowest and the highest.
    unit : str
        Unit of the drives.
    name, citation : str
        Name and citation of the card.
    nominal : SmtjCard, optional
        Gives spreads and read-out, which a sweep of one junction does not tell.

    Returns
    -------
    SmtjCard
    """
    found = calibration.estimates
    measured = {
        "tau0_s": 10.0 ** found["log10_tau0_s"],
        "barrier_kT": found["barrier_kT"],
        "exponent": found.get("exponent", KNOWN_EXPONENT),
        "gain": found[f"gain_per_{unit}"],
        "offset": found[f"offset_{unit}"],
        "drive_unit": unit,
        "drive_min": float(np.min(drives)),
        "drive_max": float(np.max(drives)),
        "name": name,
        "citation": citation,
    }
    return SmtjCard(**measured) if nominal is None else replace(nominal, **measured)


def _start(series):
    """Return parameters from polynomials: half the difference of the logs is 2 Delta x, half the sum Delta x^2 + c."""
    drives = series.x
    if np.unique(drives).size < 3:
        raise InputError(f"Drives must be at least 3 different ones, not {np.unique(drives).size}")
    half_difference = 0.5 * (series.values[:, 0] - series.values[:, 1])
    half_sum = 0.5 * series.values.sum(axis=1)
    slope, level = np.polyfit(drives, half_difference, 1)
    if not slope > 0.0:
        raise InputError("Dwell times must grow in +1 with the drive against those in -1, not shrink: sign is reversed")
    offset = -level / slope
    curvature, constant = np.polyfit((drives - offset) ** 2, half_sum, 1)
    reach = np.abs(drives - offset).max()
    gain = float(np.clip(2.0 * curvature / slope, 0.05 / reach, 1.0 / reach))
    barrier = float(np.clip(slope / (2.0 * gain), 0.5, 70.0))
    return np.array([(constant - barrier) / LN_10, barrier, gain, offset])
