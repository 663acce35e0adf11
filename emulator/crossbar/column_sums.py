"""Column currents of a spin vector, kept up to date flip by flip: one row of the matrix instead of a whole product.

Sums are whole numbers of a small unit, so that a flip adds and subtracts exactly: sums do not depend on the order of
flips, never drift, need no refresh, and equal sums computed afresh to the bit. Only the entries are rounded, once, by
half a unit. The unit is a power of two with which no sum can overflow: for 512 rows at most 2^-52 of the largest entry
in int64, and 2^-20 in int32, which tiles of single precision take.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ..spec.errors import InputError
from .normal_kernels import derived_key, fill_normals

N_SPIN_VECTORS = 64


@njit(cache=True)
def flip_spin(i, spins, rows, sums):
    """Turn spin ``i`` and move its row of every part's sums along; for use in other kernels.

    Parameters
    ----------
    i : int
        Index of the spin.
    spins : ndarray, shape (n_inputs,), int8
        -1/+1, changed in place.
    rows : tuple of (doubled, part_of, n_parts)
        Entries doubled, int32 or int64, (n_digits, n_inputs, n_outputs); the row tile of every input; their number.
    sums : ndarray, shape (n_digits * n_row_tiles, n_outputs), the same type
        Column sums; changed in place.
    """
    doubled, part_of, n_parts = rows
    up = spins[i] < 0
    spins[i] = 1 if up else -1
    for d in range(doubled.shape[0]):
        row, target = doubled[d, i], sums[d * n_parts + part_of[i]]
        if up:
            for j in range(len(row)):
                target[j] += row[j]
        else:
            for j in range(len(row)):
                target[j] -= row[j]


@njit(cache=True)
def read_column(j, sums, reading, normals):
    """Return what column ``j`` reads now, in units of the weights; for use in other kernels.

    Parameters
    ----------
    j : int
        Index of the column.
    sums : ndarray, shape (n_parts, n_outputs), int32 or int64
        Column sums of `flip_spin`.
    reading : ndarray, shape (n_parts, 6, n_outputs), float64
        For every part: current of a unit, current of the fixed share, standard deviation of a read, codes per current
        (0 without an ADC), largest code, weight of a code or of a unit current.
    normals : ndarray, shape (n_parts,), float32 or float64
        Standard normal deviates of this read.
    """
    found = 0.0
    for part in range(len(sums)):
        unit, fixed, sigma, per_step, top, worth = reading[part, :, j]
        value = sums[part, j] * unit + fixed + sigma * normals[part]
        if per_step > 0.0:
            value = min(max(np.rint(value * per_step), -top - 1.0), top)
        found += worth * value
    return found


class ColumnSums:
    """The columns of a crossbar under one spin vector.

    A column is read as by `Crossbar.multiply` with a DAC of one bit: the analog sum of every row tile and digit, plus
    lumped read noise that is drawn anew in every read, through the ADC if there is one, added up. With inputs of -1 and
    +1 the variance of a read does not depend on the spins, but for resistive wires and curves that are not odd: there
    the mean over 64 random spin vectors is taken.

    Parameters
    ----------
    crossbar : Crossbar
        At one time, with a DAC of one bit or without bits, of amplitudes or pulses.
    spins : ndarray, shape (n_inputs,), int8
        States -1/+1 of the spins.
    seed : int
        Reproduces the noise of `read` and `read_all`.

    Attributes
    ----------
    spins : ndarray, shape (n_inputs,), int8
    sums : ndarray, shape (n_parts, n_outputs), int64 or int32
    rows, reading : arguments of `flip_spin` and `read_column`
    sigmas : ndarray, shape (n_outputs,), float64
        Standard deviation of a read, in units of the weights, rounding left out.

    Raises
    ------
    InputError
        If the crossbar reads no plain sums of its rows: curved devices at many voltages or behind wires, noise cell by
        cell, or inputs of several levels.
    """

    def __init__(self, crossbar, spins, seed=0):
        self._check(crossbar)
        self.spins = _checked_spins(spins, crossbar.shape[0])
        entries, self.reading = _described(crossbar)
        part_of = np.arange(crossbar.shape[0]) // crossbar.spec.n_rows
        n_parts = int(part_of[-1]) + 1
        largest = float(np.abs(entries).max()) or 1.0
        word = np.int32 if crossbar.spec.single_precision else np.int64
        bits = np.iinfo(word).bits - 2 - max(1, int(np.ceil(np.log2(len(self.spins)))))
        unit = 2.0 ** (np.ceil(np.log2(largest)) - bits)
        self.reading[:, 0] = unit
        self._entries = np.rint(entries / unit).astype(word)
        self.rows = (2 * self._entries, part_of, n_parts)
        self.sums = self._fresh_sums()
        self.sigmas = np.sqrt(np.square(self.reading[:, 2] * self._weight_of_current()).sum(axis=0))
        self._key, self._n_reads = derived_key(seed), 0

    def flip(self, i):
        """Turn spin ``i``; one row is added to the sums."""
        if not 0 <= i < len(self.spins):
            raise InputError(f"Spin must be 0..{len(self.spins) - 1}, not {i!r}")
        flip_spin(i, self.spins, self.rows, self.sums)

    def set_spins(self, spins):
        """Start from another spin vector; a full product."""
        self.spins[:] = _checked_spins(spins, len(self.spins))
        self.sums[:] = self._fresh_sums()

    def values(self):
        """Return the noiseless analog sums in units of the weights; ndarray, shape (n_outputs,), float64."""
        unit, fixed = self.reading[:, 0], self.reading[:, 1]
        return ((self.sums * unit + fixed) * self._weight_of_current()).sum(axis=0)

    def read(self, j):
        """Return one read of column ``j``, noise and ADC included; a float."""
        return read_column(j, self.sums, self.reading, self._normals(len(self.sums)))

    def read_all(self):
        """Return one read of every column; ndarray, shape (n_outputs,), float64."""
        n_parts, n_columns = self.sums.shape
        normals = self._normals(n_parts * n_columns).reshape(n_columns, n_parts)
        return np.array([read_column(j, self.sums, self.reading, normals[j]) for j in range(n_columns)])

    def _normals(self, count):
        self._n_reads += 1
        normals = np.empty(count, dtype=np.float32)
        fill_normals(np.uint64(derived_key(self._key, self._n_reads)), normals)
        return normals

    def _fresh_sums(self):
        n_digits, n_inputs, n_outputs = self._entries.shape
        sums = np.zeros((n_digits, self.rows[2], n_outputs), dtype=self._entries.dtype)
        spins = self.spins.astype(sums.dtype)
        for part in range(self.rows[2]):
            of_part = self.rows[1] == part
            sums[:, part] = np.einsum("i,dij->dj", spins[of_part], self._entries[:, of_part])
        return sums.reshape(-1, n_outputs)

    def _weight_of_current(self):
        """Return the weight of a unit current of every part, whether it is converted or not."""
        per_step, worth = self.reading[:, 3], self.reading[:, 5]
        return worth * np.where(per_step > 0, per_step, 1.0)

    @staticmethod
    def _check(crossbar):
        spec = crossbar.spec
        readers = [reader for tile in crossbar.tiles for reader in tile.readers]
        if spec.dac.kind == "bit_serial" or spec.dac.bits not in (None, 1):
            raise InputError(f"DAC of column sums must have 1 bit or None, not {spec.dac.bits} ({spec.dac.kind})")
        if not all(reader.is_matrix and not reader.draws_cells for reader in readers):
            raise InputError("Column sums must be of devices whose currents add up and whose noise is lumped or none")
        if not spec.encoding.is_pair:
            raise InputError(f"Column sums must be of pairs of devices, not of encoding {spec.encoding.kind!r}")


def _described(crossbar):
    """Return the currents of every spin, shape (n_digits, n_inputs, n_outputs), and how columns are read."""
    spec, (n_inputs, n_outputs) = crossbar.spec, crossbar.shape
    n_digits, n_row_tiles = spec.encoding.slices, -(-n_inputs // spec.n_rows)
    levels, unit, _ = spec.dac.levels(np.ones((1, n_inputs)))
    level, worth_of_level = float(levels[0, 0]), float(unit[0])
    entries, reading = np.zeros((n_digits, n_inputs, n_outputs)), np.zeros((n_digits, n_row_tiles, 6, n_outputs))
    for tile, steps, gain in zip(crossbar.tiles, crossbar.adc_steps, crossbar.gains, strict=True):
        rows, columns = tile.tile.rows, tile.tile.columns
        for d, (reader, step) in enumerate(zip(tile.readers, steps, strict=True)):
            up, down = (operator.astype(np.float64) * level for operator in reader.operators)
            entries[d, rows, columns] = 0.5 * (up + down)
            variance = spec.adc.noise_variance(step) + _mean_variance(reader, level, tile.tile.n_rows)
            found = reading[d, rows.start // spec.n_rows, :, columns]
            found[1], found[2] = 0.5 * (up - down).sum(axis=0), np.sqrt(variance)
            found[3], found[4] = (1.0 / step, spec.adc.code_range[1]) if step else (0.0, 0.0)
            found[5] = reader.digit.worth * (step or 1.0) * gain * worth_of_level
    return entries, reading.reshape(n_digits * n_row_tiles, 6, n_outputs)


def _mean_variance(reader, level, n_rows):
    """Return the variance of every column's read noise, the mean over random spin vectors."""
    spins = np.random.default_rng(0).choice((-level, level), size=(N_SPIN_VECTORS, n_rows)).astype(reader.spec.dtype)
    found = reader.variances(spins)
    return 0.0 if found is None else found.mean(axis=0, dtype=np.float64)


def _checked_spins(spins, n_inputs):
    spins = np.array(spins)
    if spins.shape != (n_inputs,) or not np.isin(spins, (-1, 1)).all():
        raise InputError(f"Spins must be {n_inputs} numbers of -1 and +1, not of shape {spins.shape}")
    return spins.astype(np.int8)
