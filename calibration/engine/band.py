"""Bands around a fitted curve: where the curve lies, and where the next measurement will."""

from __future__ import annotations

import numpy as np

from .bootstrap import LEVEL, intervals


def curve_band(calibration, model, axes, level=LEVEL):
    """Return the band of the curve itself, from the curves of all trials.

    Parameters
    ----------
    calibration : Calibration
        Calibration with the trials from which the band is drawn.
    model : Model
        The one that was calibrated.
    axes : sequence of ndarray, shape (n_points,)
        Where, for each series of the model.
    level : float
        Share of the trials' curves inside, point by point.

    Returns
    -------
    list of ndarray, shape (3, n_points, n_columns), float64
        Low, median and high for each series.
    """
    return [intervals(np.array(curves), level) for curves in _curves(calibration, model, axes)]


def predictive_band(calibration, model, series, rng, n_draws=20, level=LEVEL):
    """Return the band in which a repeated measurement falls: the trials' curves, each with the noise of the points.

    Parameters
    ----------
    calibration, model, level
        Same meaning as in `curve_band`.
    series : sequence of Series
        Axes and covariances of the measurement that is foretold, one for each series of the model.
    rng : numpy.random.Generator
        Source of the noise.
    n_draws : int
        Noise draws of each trial.

    Returns
    -------
    list of ndarray, shape (3, n_points, n_columns), float64
        Low, median and high for each series.
    """
    found = []
    for one, curves in zip(series, _curves(calibration, model, [one.x for one in series]), strict=True):
        found.append(intervals(np.array([one.draw(curve, rng) for curve in curves for _ in range(n_draws)]), level))
    return found


def _curves(calibration, model, axes):
    """Return the curves of each series over the trials: one tuple for each series."""
    axes = [np.asarray(x, dtype=np.float64) for x in axes]
    return list(zip(*(model.predict(trial, axes) for trial in calibration.trials), strict=True))
