"""One tile: a block of the matrix in programmed arrays, read through its converters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .array_reader import ArrayReader
from .programming import program_pair
from .read_kernels import to_codes


@dataclass(frozen=True, eq=False)
class ProgrammedTile:
    """What programming a block of the matrix left behind.

    Parameters
    ----------
    spec : TileSpec
        The tile.
    rows, columns : slice
        Place of the block in the matrix.
    slices : tuple of (Cells, Cells, float)
        For each digit, most significant first: positive and negative array, shape (n_pairs, n_rows, n_columns), and the
        weight that a current of 1 S at level 1 stands for.
    window_S : float
        Conductance difference of a full digit in one pair [S].
    """

    spec: object
    rows: slice
    columns: slice
    slices: tuple
    window_S: float

    @classmethod
    def program(cls, spec, weights, scale, place, rng):
        """Program the block of ``weights`` at ``place``, two slices, with full scale ``scale``."""
        rows, columns = place
        n_pairs, slices, window = spec.encoding.n_pairs, [], 0.0
        for shares, worth in spec.encoding.digits(weights[rows, columns], scale):
            repeated = np.broadcast_to(shares, (n_pairs, *shares.shape))
            if spec.encoding.kind == "offset":
                plus, minus, window = _program_offset(spec, shares, rng)
            else:
                plus, minus, window = program_pair(spec, repeated, rng)
            slices.append((plus, minus, worth / (window * n_pairs)))
        return cls(spec, rows, columns, tuple(slices), window)


def _program_offset(spec, shares, rng):
    """Program single devices and, beside them, one column of middle devices a replica."""
    n_pairs = spec.encoding.n_pairs
    plus_S, minus_S, window = spec.encoding.targets(shares, spec.device)
    plus = spec.device.program(np.broadcast_to(plus_S, (n_pairs, *plus_S.shape)), rng)
    minus = spec.device.program(np.broadcast_to(minus_S, (n_pairs, *minus_S.shape)), rng)
    return plus, minus, window


class TileAtTime:
    """A programmed tile at a time after programming.

    Parameters
    ----------
    tile : ProgrammedTile
        The arrays.
    t_s, temperature_K : float
        Time [s] and temperature [K].
    """

    def __init__(self, tile, t_s, temperature_K):
        self.tile = tile
        self.readers = [ArrayReader(tile.spec, plus, minus, t_s, temperature_K) for plus, minus, _ in tile.slices]
        self._worth = [worth for _, _, worth in tile.slices]

    def full_scales(self, levels, n_inputs):
        """Return the largest current of each slice that the ADC shall cover, from a calibration run [S times level]."""
        adc, dac, encoding = self.tile.spec.adc, self.tile.spec.dac, self.tile.spec.encoding
        top = 1 if dac.kind == "bit_serial" else dac.top
        window = self.tile.window_S * encoding.n_pairs
        if adc.range_kind == "max":
            return [n_inputs * top * window] * len(self.readers)
        if adc.range_kind == "step":
            return [adc.top * window / encoding.top] * len(self.readers)
        share = adc.quantile if adc.range_kind == "quantile" else 1.0
        found, (stack, _) = [], dac.planes(levels)
        for reader in self.readers:
            sizes = np.abs(reader.currents(stack.reshape(-1, stack.shape[2])))
            found.append(float(np.quantile(sizes, share)) or n_inputs * top * window)
        return found

    def product(self, levels, full_scales, rng):
        """Return the product of levels with the block, in weight times level, and the events.

        Parameters
        ----------
        levels : ndarray, shape (n_batch, n_rows)
            DAC levels of the tile's rows.
        full_scales : list of float
            Range of the ADC, a slice; see `full_scales`.
        rng : numpy.random.Generator
            Source of the read noise.

        Returns
        -------
        ndarray, shape (n_batch, n_columns)
        dict of str to int
        """
        adc, (stack, plane_weights) = self.tile.spec.adc, self.tile.spec.dac.planes(levels)
        rows = stack.reshape(-1, stack.shape[2])
        total, clipped, shape = None, 0, None
        for reader, worth, full_scale in zip(self.readers, self._worth, full_scales, strict=True):
            currents = reader.currents(rows)
            shape = (len(stack), len(levels), currents.shape[1])
            total = np.zeros(shape[1:], dtype=currents.dtype) if total is None else total
            step = full_scale / adc.top if adc.bits is not None else 0.0
            own = (step * adc.noise_steps()) ** 2
            variances, normals = reader.variances(rows), np.empty(0, dtype=currents.dtype)
            if variances is not None or own > 0:
                normals = rng.standard_normal(shape, dtype=currents.dtype)
            variances = np.empty(0, dtype=currents.dtype) if variances is None else variances
            clipped += to_codes(
                currents.reshape(shape),
                variances.reshape(shape) if variances.size else variances.reshape(0, 0, 0),
                normals.reshape(shape) if normals.size else normals.reshape(0, 0, 0),
                worth * plane_weights,
                (step, float(adc.top if adc.bits is not None else 0), own),
                total,
            )
        return total, self._events(levels.shape, shape, clipped)

    def _events(self, level_shape, shape, clipped):
        n_batch, n_rows = level_shape
        reads = len(self.readers) * shape[0]
        conversions = reads * shape[1] * shape[2]
        return {
            "array_reads": reads * n_batch,
            "row_drives": reads * n_batch * n_rows,
            "conversions": conversions,
            "shift_adds": conversions - shape[1] * shape[2],
            "clipped_codes": clipped,
        }
