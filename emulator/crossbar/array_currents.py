"""What leaves the columns of one array of known conductances: the physics of a read, without noise and converters.

Currents are in conductance times level [S]: a level is a voltage in units of ``spec.level_V``, or a length of time.
"""

from __future__ import annotations

import numpy as np

from ..wires.newton import solve_nonlinear
from ..wires.nodal import solve


def array_currents(spec, conductance_S, levels):
    """Return the column currents, exact for every device, DAC and wire.

    Parameters
    ----------
    spec : TileSpec
        Device, DAC, wires, read voltage.
    conductance_S : ndarray, shape (n_rows, n_columns), float64
        Conductance of each cell [S].
    levels : ndarray, shape (n_batch, n_rows)
        Levels that the rows carry.

    Returns
    -------
    ndarray, shape (n_batch, n_columns), float64
        Currents [S times level].
    """
    levels = np.asarray(levels, dtype=np.float64)
    if spec.device.is_linear:
        return levels @ conductance_S if spec.wires.are_ideal else solve(conductance_S, levels, spec.wires).currents_A
    if not spec.dac.reads_at_one_voltage:
        return _at_voltages(spec, conductance_S, levels * spec.level_V) / spec.level_V
    volts = spec.read_voltage_V
    if spec.wires.are_ideal:
        up, down = (as_read_S(spec, conductance_S, sign * volts) for sign in (1.0, -1.0))
        return np.maximum(levels, 0) @ up + np.minimum(levels, 0) @ down
    return np.stack([_pulses(spec, conductance_S, row) for row in levels]) / volts


def as_read_S(spec, conductance_S, voltage_V):
    """Return the conductances that a read at one voltage finds, current over voltage [S]."""
    if spec.device.is_linear:
        return conductance_S
    return spec.device.current_A(conductance_S, voltage_V) / voltage_V


def _at_voltages(spec, conductance_S, voltages_V):
    """Return currents of nonlinear devices whose rows are at any voltages [A]."""
    if not spec.wires.are_ideal:
        return solve_nonlinear(conductance_S, spec.device, voltages_V, spec.wires).currents_A
    return np.stack([spec.device.current_A(conductance_S, row[:, None]).sum(axis=0) for row in voltages_V])


def _pulses(spec, conductance_S, row):
    """Return the charge of pulses of lengths |row| that begin at once; currents change whenever one of them ends."""
    ends = np.unique(np.abs(row[row != 0]))
    charge, begun = np.zeros(conductance_S.shape[1]), 0.0
    for end in ends:
        on = np.where(np.abs(row) >= end, np.sign(row), 0.0) * spec.read_voltage_V
        charge += (end - begun) * _at_voltages(spec, conductance_S, on[None])[0]
        begun = end
    return charge
