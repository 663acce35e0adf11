"""Analog arrays as a tile controller meets them, pin by pin and cycle by cycle."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError


class IdealArray:
    """An array whose columns settle to the exact sums of integer weights.

    Parameters
    ----------
    weights : ndarray, shape (n_row_tiles, n_rows, n_columns), int64
        What a driven row adds to a column, in steps of the ADC.
    """

    def __init__(self, weights):
        weights = np.asarray(weights)
        if weights.ndim != 3 or weights.dtype.kind not in "iu":
            rule = "integers of shape (tiles, rows, columns)"
            raise InputError(f"Weights of a tile must be {rule}, not {weights.dtype} of shape {weights.shape}")
        self.weights = weights.astype(np.int64)

    def columns(self, tile, bits):
        """Return the exact sums; ndarray, shape (n_columns,), int64."""
        return bits.astype(np.int64) @ self.weights[tile]


class NoisyArray(IdealArray):
    """An ideal array with independent Gaussian noise on every column of every read.

    Parameters
    ----------
    weights : ndarray, shape (n_row_tiles, n_rows, n_columns), int64
        Weight words of each row tile, as for `IdealArray`.
    sigma : float
        Standard deviation of the noise, in steps of the ADC.
    seed : int
        Reproduces the noise, read by read.
    """

    def __init__(self, weights, sigma, seed):
        super().__init__(weights)
        self.sigma = sigma
        self._rng = np.random.default_rng(seed)

    def columns(self, tile, bits):
        """Return sums with noise; ndarray, shape (n_columns,), float64."""
        sums = super().columns(tile, bits)
        return sums + self.sigma * self._rng.standard_normal(len(sums))


class SampledArray:
    """Settling, two sample-and-hold capacitors a column and the ADCs, around any `TileArray`.

    It knows only what the pins show, and its own speed, which need not be what the controller was built for: a column
    sampled too early has covered only a part of its way from zero, cut towards zero to whole steps, and a code taken
    too early is that of the conversion before.

    Parameters
    ----------
    spec : TileControllerSpec
        Sizes and ADC width; the array's own speed is that of ``spec.timing``.
    array : TileArray
        What the columns settle to.
    """

    def __init__(self, spec, array):
        self.spec, self.array = spec, array
        timing = spec.timing
        self.needed_cycles = timing.drive_cycles + timing.settle_cycles + timing.sample_cycles
        self._rows, self._driven_cycles = None, 0
        self._held = self._scanned = np.zeros(timing.n_columns)
        self._channel, self._converted_cycles = None, 0
        self.codes = [0] * timing.n_adcs

    def observe(self, rows, tile, strobes, group):
        """Live through one cycle.

        Parameters
        ----------
        rows : ndarray, shape (n_rows,), uint8
            Word lines in this cycle.
        tile : int
            Row tile that is selected.
        strobes : tuple of (bool, bool, bool)
            Hold, transfer and converting in this cycle.
        group : int
            Columns that the ADCs' multiplexers select.

        Returns
        -------
        list of int, length n_adcs
            What the ADCs show in this cycle.
        """
        hold, transfer, converting = strobes
        self._convert(converting, group)
        now = (tile, rows.tobytes())
        self._driven_cycles = self._driven_cycles + 1 if now == self._rows else 1
        self._rows = now
        if hold:
            self._held = self._columns(tile, rows)
        if transfer:
            self._scanned, self._channel = self._held, None
        return self.codes

    def _columns(self, tile, rows):
        settled = np.asarray(self.array.columns(tile, rows))
        if self._driven_cycles >= self.needed_cycles:
            return settled
        return np.trunc(settled * self._driven_cycles / self.needed_cycles)

    def _convert(self, converting, group):
        timing = self.spec.timing
        if not converting:
            self._channel = None
            return
        self._converted_cycles = self._converted_cycles + 1 if group == self._channel else 1
        self._channel = group
        if self._converted_cycles < timing.convert_cycles:
            return
        low, high = self.spec.code_range
        values = self._scanned[group * timing.n_adcs : (group + 1) * timing.n_adcs]
        codes = np.clip(np.rint(values), low, high).astype(np.int64).tolist()
        self.codes = codes + [0] * (timing.n_adcs - len(codes))


def settled_product(spec, array, words):
    """Return what a tile computes if every code is taken in time, without any clock.

    Parameters
    ----------
    spec : TileControllerSpec
        Parameters of the tile controller.
    array : TileArray
        What the columns settle to; a noisy one draws in the controller's own order.
    words : ndarray, shape (n_row_tiles, n_rows), int64
        Input words of each row tile.

    Returns
    -------
    ndarray, shape (n_columns,), int64
        Totals before any saturation of the accumulator; the ADC's range is respected.
    """
    low, high = spec.code_range
    totals = np.zeros(spec.timing.n_columns, dtype=np.int64)
    for tile, inputs in enumerate(np.asarray(words, dtype=np.int64)):
        for plane in reversed(range(spec.input_bits)):
            bits = ((inputs >> plane) & 1).astype(np.uint8)
            codes = np.clip(np.rint(np.asarray(array.columns(tile, bits))), low, high)
            totals += spec.plane_weight(plane) * codes.astype(np.int64)
    return totals
