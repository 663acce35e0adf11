"""One programmed array pair at one time: from input levels to column currents, their spread, and the cells' heat.

Currents are in units of conductance times level, [S] for level 1, the read voltage over the largest level being the
unit of voltage. A linear array, or a nonlinear one read at a single voltage, is a matrix: currents = levels @ D with
D = sum of pairs (G+ - G-), through wires the effective conductances. Read noise is lumped: the sum of independent
Gaussian cells is Gaussian, with variance levels^2 @ (sigma+^2 + sigma-^2), independent in every column and read.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..wires.effective import effective_conductance_S
from ..wires.newton import solve_nonlinear
from ..wires.nodal import Network
from ..wires.sensitivity import transfer


class ArrayReader:
    """Arrays of one tile and slice at a time after programming.

    Parameters
    ----------
    spec : TileSpec
        Device, wires, DAC, read voltage.
    plus, minus : Cells
        Programmed arrays, shape (n_pairs, n_rows, n_columns); ``minus`` may have one column that serves all.
    t_s, temperature_K : float
        Time since programming [s], and temperature [K].
    """

    def __init__(self, spec, plus, minus, t_s, temperature_K):
        self._spec, self._time = spec, (t_s, temperature_K)
        self._cells = (plus, minus)
        device = spec.device
        self.plus_S = device.conductance_S(plus, t_s, temperature_K)
        self.minus_S = device.conductance_S(minus, t_s, temperature_K)
        self._dtype = np.float32 if spec.single_precision else np.float64
        self._unit_V = spec.read_voltage_V / (1 if spec.dac.kind == "bit_serial" else spec.dac.top)

    @property
    def is_matrix(self):
        """Whether currents are a matrix product: a linear device, or one read at +- the read voltage only."""
        return self._spec.device.is_linear or (self._spec.wires.are_ideal and self._spec.dac.kind != "amplitude")

    @cached_property
    def operator_S(self):
        """Matrix from levels to currents; ndarray, shape (n_rows, n_columns)."""
        return self._difference(self._read_at(self._spec.read_voltage_V))

    @cached_property
    def negative_operator_S(self):
        """The matrix for levels below zero, which differs where the I-V curve is not odd."""
        if self._spec.device.is_linear:
            return self.operator_S
        return self._difference(self._read_at(-self._spec.read_voltage_V))

    @cached_property
    def noise_operator_S2(self):
        """Matrix from squared levels to variances without wires; ndarray, shape (n_rows, n_columns), or None."""
        if not self._spec.read_noise:
            return None
        plus, minus = (np.square(sigma).sum(axis=0) for sigma in self._sigmas)
        total = plus + minus
        return total.astype(self._dtype) if total.any() else None

    @cached_property
    def _sigmas(self):
        return [self._spec.device.read_sigma_S(cells, *self._time) for cells in self._cells]

    def currents(self, levels):
        """Return noiseless currents; ndarray, shape (n_batch, n_columns) [S times level]."""
        if not self.is_matrix:
            return self._curved(levels)
        if self.negative_operator_S is self.operator_S:
            return levels @ self.operator_S
        return np.maximum(levels, 0) @ self.operator_S + np.minimum(levels, 0) @ self.negative_operator_S

    def variances(self, levels):
        """Return the variance of each current, or None without read noise; shape (n_batch, n_columns)."""
        if self.noise_operator_S2 is None:
            return None
        if self._spec.wires.are_ideal:
            return np.square(levels) @ self.noise_operator_S2
        found = 0.0
        for cells, sigmas in zip((self.plus_S, self.minus_S), self._sigmas, strict=True):
            for replica, sigma in zip(cells, sigmas, strict=True):
                found = found + self._wired_variance(replica, sigma, levels)
        return found

    def heat_W(self, levels):
        """Return the mean power that the cells dissipate while all rows are on, wires taken as ideal [W]."""
        squared = np.square(levels * self._unit_V).mean(axis=0)
        return float(squared @ (self.plus_S.sum(axis=(0, 2)) + self.minus_S.sum(axis=(0, 2))))

    def _read_at(self, voltage_V):
        """Return conductances as a read at one voltage sees them; list of two arrays (n_pairs, n_rows, n_columns)."""
        if self._spec.device.is_linear:
            return [self.plus_S, self.minus_S]
        return [self._spec.device.current_A(cells, voltage_V) / voltage_V for cells in (self.plus_S, self.minus_S)]

    def _difference(self, arrays):
        wires = self._spec.wires
        sums = [sum(effective_conductance_S(replica, wires) for replica in array) for array in arrays]
        return (sums[0] - sums[1]).astype(self._dtype)

    def _curved(self, levels):
        """Return currents of a nonlinear device at many voltages, cell by cell, or with wires by Newton's method."""
        device, wires, unit = self._spec.device, self._spec.wires, self._unit_V
        device.check_voltage(np.abs(levels).max() * unit)
        found = np.zeros((len(levels), self.plus_S.shape[2]), dtype=self._dtype)
        for sign, array in ((1.0, self.plus_S), (-1.0, self.minus_S)):
            for replica in array:
                if wires.are_ideal:
                    parts = [device.current_A(replica, row[:, None] * unit).sum(axis=0) for row in levels]
                    found += sign * np.array(parts) / unit
                else:
                    solved = solve_nonlinear(replica, device.conduction, levels * unit, wires)
                    found += sign * solved.currents_A / unit
        return found

    def _wired_variance(self, cells, sigma, levels):
        """Return the variance that one array's cells cause through its wires, exact to first order."""
        network = Network(cells, self._spec.wires)
        fields = np.square(transfer(network)).reshape(cells.shape[1], -1)
        weights = np.empty((len(levels), cells.size))
        for k, row in enumerate(np.asarray(levels, dtype=np.float64)):
            rows, columns, _, _ = network.drops(cells * row[:, None])
            weights[k] = np.square((row[:, None] - rows - columns) * sigma).ravel()
        return (weights @ fields.T).astype(self._dtype)
