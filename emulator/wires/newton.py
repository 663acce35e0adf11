"""Nonlinear devices and resistive lines together: Newton's method around the exact linear solver.

At a cell voltage v0 a device is its tangent, I = I(v0) + G'(v0) (v - v0), which is a linear array with conductances G'
and sources C = I(v0) + G' (V - v0); see `nodal`. Steps are shortened where the curve bends much.
"""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from .nodal import ConvergenceError, Network, Solution

MAX_NEWTON_STEPS = 60


def solve_nonlinear(conductance_S, device, voltages_V, wires, tolerance=1e-12, driven=None, sensed=None):
    """Return the exact solution of an array of devices with a nonlinear I-V curve.

    Parameters
    ----------
    conductance_S : ndarray, shape (n_rows, n_cols), float64
        Small-signal conductance of each cell, which the device's curve takes as its parameter [S].
    device : Device
        Gives ``current_A(conductance_S, voltage_V)`` and its derivative ``slope_S``, 0 or more.
    voltages_V : ndarray, shape (n_rows,) or (n_batch, n_rows), float64
        Sources at the left end of the rows [V].
    wires : Wires
        Resistances of the wires along rows and columns.
    tolerance : float
        Largest change of a cell voltage in the last step, relative to the largest source.
    driven, sensed : ndarray of bool, optional
        Lines that are linked to a terminal, see `nodal.Network`.

    Returns
    -------
    Solution
        ``iterations`` counts the steps of conjugate gradients in all Newton steps.

    Raises
    ------
    ConvergenceError
        If the tolerance is not reached.
    InputError
        If shapes do not fit or a voltage is not finite.
    """
    cells = np.asarray(conductance_S, dtype=np.float64)
    voltages = np.asarray(voltages_V, dtype=np.float64)
    batch = np.atleast_2d(voltages)
    if cells.ndim != 2 or batch.ndim != 2 or batch.shape[1] != cells.shape[0] or not np.isfinite(batch).all():
        raise InputError(f"Voltages must be finite, {cells.shape[0]} a vector, not of shape {voltages.shape}")
    links = (wires, driven, sensed)
    if driven is not None:
        batch = np.where(np.asarray(driven, dtype=bool), batch, 0.0)
    parts = [_newton(cells, device, vector, links, tolerance) for vector in batch]
    currents, words, bits = (np.stack([part[k] for part in parts]) for k in range(3))
    steps, residual = max(part[3] for part in parts), max(part[4] for part in parts)
    if voltages.ndim == 1:
        currents, words, bits = currents[0], words[0], bits[0]
    return Solution(currents, words, bits, steps, residual)


def _newton(cells, device, vector, links, tolerance):
    source = np.broadcast_to(vector[:, None], cells.shape)
    scale = np.abs(vector).max()
    across = np.zeros(cells.shape)  # cell voltages; from here the first step is the linear array
    steps, change = 0, np.inf
    for _ in range(MAX_NEWTON_STEPS):
        slopes = device.slope_S(cells, across)
        network = Network(slopes, *links)
        sources = device.current_A(cells, across) + slopes * (source - across)
        rows, columns, inner, _ = network.drops(sources, 1e-13)
        steps += inner
        target = source - rows - columns
        tangent = sources - slopes * (rows + columns)
        across, change = _damped(cells, device, across, target)
        if change <= tolerance * scale:
            break
    else:
        text = f"Cell voltages must settle within {tolerance:g}, not still move by {change / scale:.2g}"
        raise ConvergenceError(f"{text} after {MAX_NEWTON_STEPS} Newton steps", change)
    currents = device.current_A(cells, target)
    residual = float(np.abs(currents - tangent).max())  # the lines carry the tangent's currents
    out = np.where(np.isfinite(network.lines[3]), currents.sum(axis=0), 0.0)
    return out, source - rows, columns, steps, residual


def _damped(cells, device, across, target):
    """Return the cell voltages after a step towards ``target``, and the largest change left undone or done.

    A tangent at a flat place of a convex curve overshoots: a voltage moves only until the slope is four times the
    present one.
    """
    step = target - across
    slopes = device.slope_S(cells, across)
    with np.errstate(over="ignore", invalid="ignore"):  # a step too far may leave the range of numbers
        ahead = device.slope_S(cells, target)
    steep = ~(ahead <= 4.0 * slopes)  # also where it is not a number
    if not steep.any():
        return target, float(np.abs(step).max())
    share = np.ones_like(step)
    for _ in range(40):
        share = np.where(steep, 0.5 * share, share)
        steep = device.slope_S(cells, across + share * step) > 4.0 * slopes
        if not steep.any():
            break
    return across + share * step, float(np.abs(step).max())
