"""The arrays of one digit at one time: from levels to currents in steps, and the spread that read noise gives them.

A linear array, or any array read at a single voltage without resistive wires, is a matrix, computed once. Read noise is
lumped: a sum of independent Gaussian cells is Gaussian, with variance levels^2 @ sigma^2, independent in every column
and read. Through wires the variances are those of the sensitivities, exact to first order in the noise.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..wires.effective import effective_conductance_S
from ..wires.sensitivity import current_variance_A2
from .array_currents import array_currents, as_read_S
from .programming import SIGNS
from .scratch import scratch


class ArrayReader:
    """Arrays of one digit, some time after programming.

    Currents are in steps of the digit times levels.

    Parameters
    ----------
    spec : TileSpec
        Device, wires, DAC, read voltage.
    digit : ProgrammedDigit
        Programmed arrays of one digit.
    t_s, temperature_K : float
        Time since programming [s], and temperature [K].
    """

    def __init__(self, spec, digit, t_s, temperature_K):
        self.spec, self.digit, self._when = spec, digit, (t_s, temperature_K)
        self.arrays_S = [spec.device.conductance_S(cells, t_s, temperature_K) for cells in digit.arrays]

    @property
    def is_matrix(self):
        """Whether currents are a matrix product, but for the sign of levels where the I-V curve is not odd."""
        spec = self.spec
        return spec.device.is_linear or (spec.wires.are_ideal and spec.dac.reads_at_one_voltage)

    @property
    def draws_cells(self):
        """Whether noise is drawn cell by cell: on demand, and for curved devices behind wires, never lumped."""
        spec = self.spec
        if spec.read_noise == "lumped":
            return not (spec.device.is_linear or spec.wires.are_ideal) and self.has_noise
        return spec.read_noise == "per_device" and self.has_noise

    @cached_property
    def has_noise(self):
        """Whether any cell's reads are noisy."""
        return self.spec.read_noise != "none" and any(sigma.any() for sigma in self.sigmas_S)

    @cached_property
    def sigmas_S(self):
        """Standard deviation of one read of every cell [S]; an array for each of ``arrays_S``."""
        return [self.spec.device.read_sigma_S(cells, *self._when) for cells in self.digit.arrays]

    @cached_property
    def operators(self):
        """Matrices from positive and from negative levels to currents, one object if they are equal [steps]."""
        volts = self.spec.read_voltage_V
        up = self._operator(volts)
        return (up, up) if self.spec.device.is_linear else (up, self._operator(-volts))

    @cached_property
    def noise_operators(self):
        """Matrices from squared positive and negative levels to variances, without wires [steps squared]."""
        volts = self.spec.read_voltage_V
        up = self._noise_operator(volts)
        return (up, up) if self.spec.device.is_linear else (up, self._noise_operator(-volts))

    def currents(self, levels, out=None):
        """Return noiseless currents; ndarray, shape (n_batch, n_columns), of the spec's type, in ``out`` if it can."""
        if self.is_matrix:
            return _by_sign(levels, levels, self.operators, out)
        return self.currents_of(self.arrays_S, levels)

    def currents_of(self, arrays_S, levels):
        """Return the currents that arrays of some conductances give, such as noisy ones."""
        found = 0.0
        for sign, array in zip(SIGNS, arrays_S, strict=False):
            for replica in array:
                found = found + sign * array_currents(self.spec, replica, levels)
        return (found / self.digit.step_S).astype(self.spec.dtype)

    def variances(self, levels, out=None):
        """Return the variance of each current, or None without lumped noise; see `currents` for its shape."""
        if not self.has_noise or self.draws_cells:
            return None
        if not self.spec.wires.are_ideal:
            return self._wired_variances(levels)
        if self.is_matrix:
            squares = np.square(levels, out=scratch("squares", levels.shape, levels.dtype.type))
            return _by_sign(levels, squares, self.noise_operators, out)
        return self._curved_variances(levels)

    def noisy_cells(self, rng):
        """Return conductances of all cells in one read, independent normal, not below zero [S]."""
        pairs = zip(self.arrays_S, self.sigmas_S, strict=True)
        return [np.maximum(array + sigma * rng.standard_normal(array.shape), 0.0) for array, sigma in pairs]

    def _operator(self, voltage_V):
        found = 0.0
        for sign, array in zip(SIGNS, self.arrays_S, strict=False):
            for replica in array:
                seen_S = as_read_S(self.spec, replica, voltage_V)
                if not self.spec.wires.are_ideal:
                    seen_S = effective_conductance_S(seen_S, self.spec.wires)
                found = found + sign * seen_S
        return (found / self.digit.step_S).astype(self.spec.dtype)

    def _noise_operator(self, voltage_V):
        found = sum(np.square(sigma).sum(axis=0) for sigma in self._sigmas_as_read(voltage_V))
        return (found / self.digit.step_S**2).astype(self.spec.dtype)

    def _sigmas_as_read(self, voltage_V):
        """Return the spread of current over voltage, right to second order in the noise of a curved device [S]."""
        if self.spec.device.is_linear:
            return self.sigmas_S
        found = []
        for array, sigma in zip(self.arrays_S, self.sigmas_S, strict=True):
            ends = (as_read_S(self.spec, np.maximum(array + way * sigma, 0.0), voltage_V) for way in (1.0, -1.0))
            found.append(0.5 * np.subtract(*ends))
        return found

    def _curved_variances(self, levels):
        """Return variances where every level is another voltage."""
        found = np.zeros((len(levels), self.arrays_S[0].shape[2]))
        for k, row in enumerate(levels):
            volts = np.where(row == 0, 1.0, row)[:, None].astype(np.float64) * self.spec.level_V
            for sigma in self._sigmas_as_read(volts):
                found[k] += np.square(sigma * row[:, None]).sum(axis=(0, 1))
        return (found / self.digit.step_S**2).astype(self.spec.dtype)

    def _wired_variances(self, levels):
        found = 0.0
        for array, sigmas in zip(self.arrays_S, self.sigmas_S, strict=True):
            for replica, sigma in zip(array, sigmas, strict=True):
                found = found + current_variance_A2(replica, sigma, levels, self.spec.wires)
        return (found / self.digit.step_S**2).astype(self.spec.dtype)


def _by_sign(levels, values, operators, out):
    """Return values @ operator, by the sign of the levels where the two operators differ."""
    up, down = operators
    if up is down:
        return np.matmul(values, up, out=out)
    return np.where(levels > 0, values, 0) @ up + np.where(levels < 0, values, 0) @ down
