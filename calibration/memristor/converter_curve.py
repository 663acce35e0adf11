"""Gain, offset and nonlinearity of converters, from a ramp."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.calibrate import calibrate
from ..engine.model import Parameter, curve_model
from ..engine.series import Series

N_SEGMENTS = 24
LEAST_IN_SEGMENT = 8


def ramp_series(inputs, outputs, names, n_segments=N_SEGMENTS):
    """Return means of a ramp in equal segments of its input, with errors from the scatter about each segment's line.

    Parameters
    ----------
    inputs, outputs : ndarray, shape (n,), float64
        Inputs and outputs of the converter, in any order.
    names : (str, str)
        Names of the axis and of the output, with units.
    n_segments : int
        Segments; quantisation averages out within each if it spans several steps.

    Returns
    -------
    Series
    """
    low, high = float(np.min(inputs)), float(np.max(inputs))
    if not low < high:
        raise InputError(f"Ramp must span a range of {names[0]!r}, not {low:g} alone")
    which = np.minimum(((inputs - low) / (high - low) * n_segments).astype(np.int64), n_segments - 1)
    middles, means, errors = [], [], []
    for k in range(n_segments):
        x, y = inputs[which == k], outputs[which == k]
        if x.size < LEAST_IN_SEGMENT:
            rule = f"at least {LEAST_IN_SEGMENT} samples in each of {n_segments} parts of its range"
            raise InputError(f"Ramp must have {rule}, not {x.size} from {low + k * (high - low) / n_segments:g} on")
        slope, level = np.polyfit(x - x.mean(), y, 1)
        scatter = np.sqrt(np.square(y - level - slope * (x - x.mean())).sum() / (x.size - 2))
        middles.append(x.mean())
        means.append(y.mean())
        errors.append(max(scatter, 1e-12 * np.ptp(outputs)) / np.sqrt(x.size))
    return Series.of_curve("ramp", np.array(middles), np.array(means), np.array(errors), names)


def bends(series, x, bend_2, bend_3):
    """Return the second and third Legendre polynomial over the range of a ramp, weighted; shape of ``x``.

    The range is that of the samples: segments of equal width reach half a width beyond their middles.
    """
    low, high, n = series.x[0], series.x[-1], series.x.size
    z = (x - 0.5 * (low + high)) / (0.5 * (high - low) * n / (n - 1))
    return 0.5 * bend_2 * (3.0 * z**2 - 1.0) + 0.5 * bend_3 * (5.0 * z**3 - 3.0 * z)


def calibrate_converter(series, unit, seed, n_trials=N_TRIALS, n_coverage=0):
    r"""Fit gain, offset and the second and third order of a converter.

    .. math:: y = o + g x + b_2 P_2(z) + b_3 P_3(z), \qquad z = (x - \bar x) / (\text{half the range})

    with Legendre polynomials P, so that b2 and b3 are what remains about the best line.

    Parameters
    ----------
    series : Series
        Result of `ramp_series`.
    unit : (str, str)
        Units of input and output, for the names.
    seed : int
        Seed of the synthetic data.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        ``offset``, ``gain``, ``bend_2``, ``bend_3``; chi2 rejects a converter of rougher nonlinearity.
    """
    low, high = series.x[0], series.x[-1]
    (gain, offset), spread = np.polyfit(series.x, series.values[:, 0], 1), float(np.ptp(series.values))

    def law(x, offset, gain, bend_2, bend_3):
        return offset + gain * x + bends(series, x, bend_2, bend_3)

    parameters = [
        Parameter(f"offset_{unit[1]}", float(offset), scale=spread),
        Parameter(f"gain_{unit[1]}_per_{unit[0]}", float(gain), scale=spread / (high - low)),
        Parameter(f"bend_2_{unit[1]}", 0.0, scale=spread),
        Parameter(f"bend_3_{unit[1]}", 0.0, scale=spread),
    ]
    return calibrate(curve_model("converter", law, parameters), [series], seed, n_trials, n_coverage=n_coverage)
