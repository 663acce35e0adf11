"""Collisions to thermalise over the angle of the dipoles, and what the printed density equation would have said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...calibration.engine.bootstrap import Interval
from .experiment import Experiment, fit_thermalisation, problem_of

ANGLES_DEG = tuple(range(0, 91, 15))


@dataclass(frozen=True)
class ScanPoint:
    """One angle: what was planted and what came out.

    Parameters
    ----------
    angle_deg : float
        Between the dipoles and the heated axis.
    planted : float
        N_coll of the synthetic experiment.
    collisions, loss_m3_sK : Interval
        Fitted N_coll and K_L.
    chi2_dof, correlation : float
        Chi-square per degree of freedom of the fit, and correlation of N_coll with K_L over its trials.
    """

    angle_deg: float
    planted: float
    collisions: Interval
    loss_m3_sK: Interval
    chi2_dof: float
    correlation: float


def angle_scan(seed, angles_deg=ANGLES_DEG, experiment=None, form="published"):
    """Make and fit one synthetic experiment for each angle.

    Parameters
    ----------
    seed : int
        Seed of the noise; each angle draws its own.
    angles_deg : sequence of float
        Angles [degree].
    experiment : Experiment, optional
        Everything else that is planted.
    form : str
        Form of N_coll that is planted, see `n_coll`.

    Returns
    -------
    list of ScanPoint
    """
    found = []
    seeds = np.random.SeedSequence(seed).generate_state(len(angles_deg)).tolist()
    for angle, child in zip(angles_deg, seeds, strict=True):
        planted = (experiment or Experiment()).at_angle(np.radians(angle), form)
        fit = fit_thermalisation(planted.measure(child), child)
        collisions, loss = fit.parameters["N_coll"], fit.parameters["K_L_m3_sK"]
        correlation = fit.correlation("N_coll", "K_L_m3_sK")
        found.append(ScanPoint(angle, planted.collisions, collisions, loss, fit.chi2_dof, correlation))
    return found


def printed_bias(experiment=None):
    """Return what the printed density equation does to K_L, from fits of points without noise.

    Parameters
    ----------
    experiment : Experiment, optional
        Experiment whose parameters are planted.

    Returns
    -------
    (float, float, float)
        Bias and standard error of K_L, relative to the planted one, and the chi2 that the wrong equation adds on
        average to its degrees of freedom.
    """
    planted = experiment or Experiment()
    right, printed = problem_of(planted).fit(), problem_of(planted, printed=True).fit()
    bias = printed.values[0] / planted.loss_m3_sK - 1.0
    return float(bias), float(right.errors[0] / planted.loss_m3_sK), printed.chi2
