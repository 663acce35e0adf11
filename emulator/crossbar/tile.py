"""One tile: a block of the matrix in programmed arrays, read through its converters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .array_reader import ArrayReader
from .normal_kernels import derived_key
from .programming import program_digit
from .read_kernels import add_codes, add_noise, add_result
from .scratch import scratch

_NO_VARIANCE = {dtype: np.empty((0, 0), dtype=dtype) for dtype in (np.float32, np.float64)}


@dataclass(frozen=True, eq=False)
class ProgrammedTile:
    """What programming a block of the matrix left behind.

    Parameters
    ----------
    spec : TileSpec
        Parameters of the crossbar tiles.
    rows, columns : slice
        Place of the block in the matrix.
    digits : tuple of ProgrammedDigit
        Arrays of each digit, least significant first.
    """

    spec: object
    rows: slice
    columns: slice
    digits: tuple

    @classmethod
    def program(cls, spec, weights, largest, place, rng):
        """Program the block of ``weights`` at ``place``, two slices, of a matrix with the ``largest`` magnitude."""
        block = weights[place]
        digits = spec.encoding.digits(block, spec.scale_of(block, largest))
        return cls(spec, *place, tuple(program_digit(spec, digit, worth, rng) for digit, worth in digits))

    @property
    def n_rows(self):
        """Rows in use."""
        return self.rows.stop - self.rows.start

    @property
    def n_columns(self):
        """Columns in use, without one that holds an offset."""
        return self.columns.stop - self.columns.start


class Into(NamedTuple):
    """Where the product of a tile goes, and how it is scaled.

    ``out`` is an ndarray of shape (n_batch, n_columns), float64; ``unit``, shape (n_batch,), is what level 1 of each
    vector stands for; ``gain`` is a number or one a column; the first tile overwrites what is there.
    """

    out: np.ndarray
    unit: np.ndarray
    gain: float | np.ndarray
    is_first: bool


class TileAtTime:
    """A programmed tile at a time after programming.

    Parameters
    ----------
    tile : ProgrammedTile
        Programmed arrays.
    t_s, temperature_K : float
        Time [s] and temperature [K].
    """

    def __init__(self, tile, t_s, temperature_K):
        self.tile, self.spec = tile, tile.spec
        self.readers = [ArrayReader(tile.spec, digit, t_s, temperature_K) for digit in tile.digits]

    def adc_steps(self, levels):
        """Return the ADC's step for every digit, from a calibration run on levels; see `Adc.step`."""
        if self.spec.adc.bits is None:
            return [0.0] * len(self.readers)
        return [self._adc_step(reader, levels) for reader in self.readers]

    def _adc_step(self, reader, levels):
        spec, digit = self.spec, reader.digit
        largest = self.tile.n_rows * spec.dac.plane_top * (spec.encoding.top + digit.middle_steps)
        planes = spec.dac.planes(levels)
        return spec.adc.step(largest, lambda: np.concatenate([np.abs(reader.currents(plane)) for plane in planes]))

    def product(self, levels, steps, key, into, noisy_cells=None):
        """Add the product of levels with the block to a result, and return the events.

        Parameters
        ----------
        levels : ndarray, shape (n_batch, n_rows)
            DAC levels of the tile's rows.
        steps : list of float
            The ADC's step for every digit, see `adc_steps`.
        key : int
            Key of the noise, 64 bits; vector k of the batch draws from streams of its own.
        into : Into
            Result to which the product is added.
        noisy_cells : function of int, optional
            Gives the conductances of all cells of a digit in the next read, instead of the noise of the spec.

        Returns
        -------
        dict of str to int
        """
        spec = self.spec
        shape, n_clipped = (len(levels), self.tile.n_columns + spec.encoding.n_extra_columns), 0
        totals = [scratch(f"total {d}", shape, self._total_type) for d in range(len(self.readers))]
        for p, (weight, plane) in enumerate(zip(spec.dac.plane_weights, spec.dac.planes(levels), strict=True)):
            for d, (total, step) in enumerate(zip(totals, steps, strict=True)):
                currents = self.read_plane(plane, d, step, derived_key(key, p, d), noisy_cells)
                n_clipped += self._convert(currents, step, weight, total, p == 0)
        for d, (reader, total, step) in enumerate(zip(self.readers, totals, steps, strict=True)):
            signal = self._without_offset(total, step, levels, reader.digit)
            factor = np.empty(self.tile.n_columns)
            factor[:] = reader.digit.worth * (step or 1.0) * into.gain
            add_result(signal, factor, into.unit, into.is_first and d == 0, into.out)
        return self._events(len(levels), n_clipped)

    def read_plane(self, plane, d, step, key, noisy_cells=None):
        """Return the currents of one plane in the arrays of digit ``d``, before they become codes.

        Parameters
        ----------
        plane : ndarray, shape (n_batch, n_rows), the spec's type
            Levels that the rows carry.
        d : int
            Index of the digit.
        step : float
            The ADC's step, whose own noise is added; 0 for none.
        key : int
            Stream of the noise.
        noisy_cells : function of int, optional
            Gives the conductances of all cells in the next read; see `product`.

        Returns
        -------
        ndarray, shape (n_batch, n_columns)
            In digit steps times levels, with read noise; valid until the next read.
        """
        reader, dtype, variances = self.readers[d], self.spec.dtype, None
        own = self.spec.adc.noise_variance(step)
        if noisy_cells is None and reader.draws_cells:
            noisy_cells = _white(reader, key)
        if noisy_cells is None:
            shape = (len(plane), self.tile.n_columns + self.spec.encoding.n_extra_columns)
            currents = reader.currents(plane, scratch("currents", shape, dtype))
            variances = reader.variances(plane, scratch("variances", shape, dtype))
        else:
            currents = np.concatenate([reader.currents_of(noisy_cells(d), row[None]) for row in plane])
        if variances is not None or own > 0:
            add_noise(currents, _NO_VARIANCE[dtype] if variances is None else variances, dtype(own), np.uint64(key))
        return currents

    @property
    def _total_type(self):
        """Type of sums of codes: float32 where it holds every one of them exactly."""
        spec = self.spec
        if not (spec.single_precision and spec.adc.bits and spec.encoding.is_pair):
            return np.float64
        return np.float32 if spec.adc.bits + len(spec.dac.plane_weights) <= 25 else np.float64

    def _convert(self, currents, step, weight, total, is_first):
        """Add the codes of one plane, or the exact currents without an ADC; return how many codes were clipped."""
        if step == 0.0:
            if is_first:
                np.multiply(currents, weight, out=total, dtype=np.float64)
            else:
                total += weight * currents.astype(np.float64)
            return 0
        dtype, (low, high) = self.spec.dtype, self.spec.adc.code_range
        converter = (dtype(1.0 / step), dtype(low), dtype(high))
        return add_codes(currents, converter, total.dtype.type(weight), is_first, total)

    def _without_offset(self, total, step, levels, digit):
        """Return the sums of codes less what the middle of the window contributed."""
        kind, columns = self.spec.encoding.kind, self.tile.n_columns
        if kind == "offset_column":
            return total[:, :columns] - total[:, columns:]
        if kind == "offset_digital":
            total -= digit.middle_steps / (step or 1.0) * levels.sum(axis=1, keepdims=True, dtype=np.float64)
        return total

    def effective_weights(self):
        """Return the block that noiseless products with exact inputs follow; ndarray, shape (n_rows, n_columns)."""
        found, columns, kind = 0.0, self.tile.n_columns, self.spec.encoding.kind
        for reader in self.readers:
            up, down = reader.operators
            steps = 0.5 * (up.astype(np.float64) + down)
            if kind == "offset_column":
                steps = steps[:, :columns] - steps[:, columns:]
            elif kind == "offset_digital":
                steps = steps - reader.digit.middle_steps
            found = found + reader.digit.worth * steps
        return found

    def _events(self, n_batch, n_clipped):
        """Return counts of what one product executed; names as those of a cycle-exact trace."""
        spec, tile = self.spec, self.tile
        reads = len(spec.dac.plane_weights) * len(self.readers) * n_batch
        columns = tile.n_columns + spec.encoding.n_extra_columns
        converted = reads * columns if spec.adc.bits is not None else 0
        return {
            "array_reads": reads,
            "row_drives": reads * tile.n_rows,
            "samples": reads * columns,
            "conversions": converted,
            "shift_adds": reads * columns,
            "accumulations": n_batch * tile.n_columns,
            "offset_adds": 0 if spec.encoding.is_pair else n_batch * tile.n_columns * len(self.readers),
            "clipped_codes": n_clipped,
        }


def _white(reader, key):
    """Return a source of independent reads of every cell of one digit."""
    rng = np.random.Generator(np.random.SFC64(key))
    return lambda d: reader.noisy_cells(rng)
