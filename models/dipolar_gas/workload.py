"""The dipolar gas as a workload: published and planted numbers, each beside what comes out here."""

from __future__ import annotations

import numpy as np

from ...calibration.engine.coverage import measure_coverage
from ...emulator.spec.seeds import child_seed
from ..workload_row import measured, near
from .decay import SUPPRESSION, Decay, fit_decay
from .enskog import collisions_to_thermalise, mean_cross_section
from .evaporation import Evaporation, fit_evaporation
from .experiment import Experiment, fit_thermalisation, problem_of
from .formulas import (
    ORIENTATION_MEAN,
    elastic_cross_section_m2,
    elastic_to_inelastic,
    n_coll,
    phase_space_density_of_ratio,
)
from .scan import angle_scan

PAPER = "arXiv:2103.06246"
PLANTED = "planted"
SEED = 1


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Angle scan, and coverage over 200 experiments of 100 trials: some minutes instead of some seconds.
    seed : int
        Seed of all noise.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se`` (None if exact), ``reference``, ``source`` and ``ok``: within 4 standard
        errors, or within the rounding of the printed reference.
    """
    rows = formula_rows() + fit_rows(seed) + cooling_rows(seed)
    return rows + scan_rows(seed) + coverage_rows(seed) if full else rows


def formula_rows():
    """Return the rows of formulas, without noise."""
    quarter, half = np.pi / 4.0, np.pi / 2.0
    rows = [
        near("sigma_el / a_d^2, quadrature", mean_cross_section(), ORIENTATION_MEAN, 1e-9, "32 pi / 15"),
        near("sigma_el at 0.0826 D [m^2]", elastic_cross_section_m2(0.0826), 2.8e-16, 0.05e-16, PAPER),
        near("N_coll(45 degrees), published form", n_coll(quarter), 1.57, 0.005, PAPER),
        near("N_coll(90 degrees), published form", n_coll(half), 4.1, 0.05, PAPER),
    ]
    for angle, name in ((quarter, "45"), (half, "90")):
        closed = n_coll(angle, "difference")
        rows.append(
            near(f"N_coll({name} degrees), kinetic", collisions_to_thermalise(angle), closed, 1e-9, "closed form")
        )
    rows.append(near("gamma at 300 nK, K_L = 2.6e-13", elastic_to_inelastic(2.6e-13, 300e-9), 12.0, 1.0, PAPER))
    for degeneracy, printed, error in ((2.3, 0.014, 0.001), (1.4, 0.06, 0.02)):
        value = phase_space_density_of_ratio(degeneracy)
        rows.append(near(f"phase-space density at T/T_F = {degeneracy}", value, printed, error, PAPER))
    return rows


def fit_rows(seed):
    """Return the rows of one synthetic experiment at 45 degrees, fitted rightly and as printed."""
    planted = Experiment()
    series = planted.measure(seed)
    right, printed = fit_thermalisation(series, seed), fit_thermalisation(series, seed, printed=True)
    wrong = _fitted("K_L by the printed density equation, must miss", printed, "K_L_m3_sK", planted.loss_m3_sK)
    return [
        _fitted("K_L [m^3/s/K]", right, "K_L_m3_sK", planted.loss_m3_sK),
        _fitted("N_coll(45 degrees)", right, "N_coll", planted.collisions),
        measured("chi2/dof", right.chi2_dof, 1.0, float(np.sqrt(2.0 / right.dof)), "true model"),
        {**wrong, "ok": not wrong["ok"]},
    ]


def cooling_rows(seed):
    """Return the rows of two-body loss and of evaporation."""
    shielded = Decay()
    bare = Decay(loss_m3_s=SUPPRESSION * shielded.loss_m3_s)
    times_s = np.array([0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 1.8, 2.5, 4.0])
    slow = fit_decay(shielded.measure(seed), seed)
    other = child_seed(seed, "bare")
    fast = fit_decay(bare.measure(other, times_s), other)
    rows = [
        _fitted("beta at the resonance [m^3/s]", slow, "beta_m3_s", shielded.loss_m3_s),
        _fitted("beta away from it [m^3/s]", fast, "beta_m3_s", bare.loss_m3_s),
    ]
    ratio = rows[1]["value"] / rows[0]["value"]
    error = ratio * float(np.hypot(rows[0]["se"] / rows[0]["value"], rows[1]["se"] / rows[1]["value"]))
    rows.append(measured("suppression of loss", ratio, SUPPRESSION, error, PAPER))
    evaporation = Evaporation()
    slope = fit_evaporation(evaporation.measure(seed), seed)
    return [*rows, _fitted("S_evap", slope, "S_evap", evaporation.slope)]


def scan_rows(seed):
    """Return N_coll over the angle, each from its own experiment."""
    rows = []
    for one in angle_scan(seed):
        name = f"N_coll({one.angle_deg:g} degrees), scan"
        rows.append(measured(name, one.collisions.best, one.planted, _half(one.collisions), PLANTED))
    return rows


def coverage_rows(seed, n_experiments=200, n_trials=100):
    """Return the share of intervals that hold the truth, all parameters together and one by one."""
    planted = Experiment()
    found = measure_coverage(problem_of(planted), planted.truth, seed, n_experiments, n_trials)
    pooled, error = found.pooled
    rows = [measured(f"coverage of all parameters, {n_experiments} experiments", pooled, found.level, error, "claimed")]
    for name, share in found.fractions.items():
        rows.append(measured(f"coverage of {name}", share, found.level, found.standard_error, "claimed"))
    return rows


def _half(interval):
    return 0.5 * (interval.high - interval.low)


def _fitted(quantity, calibration, name, planted):
    interval = calibration.parameters[name]
    return measured(quantity, interval.best, planted, _half(interval), PLANTED)
