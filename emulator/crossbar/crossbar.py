"""A matrix on as many crossbar tiles as it takes, behind the `MatVec` protocol."""

from __future__ import annotations

import copy

import numpy as np

from ..spec.errors import InputError
from ..spec.matvec import checked_inputs, checked_weights
from ..spec.samples import Ledger
from ..spec.seeds import check_seed
from .compensation import drift_gains
from .normal_kernels import derived_key
from .tile import Into, ProgrammedTile, TileAtTime

N_CALIBRATION = 64  # vectors of a calibration run
_PROGRAM, _READ, _CALIBRATE, _REFERENCE = range(4)  # uses of a seed, each with streams of its own


class Crossbar:
    """y = x W on analog tiles; keeps `MatVec`.

    Tiles are read one by one and their results added digitally, row tile by row tile. The time counts from
    programming; a new crossbar stands at the card's reference read, ``t0_s``.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float
        Matrix W of y = x W.
    spec : TileSpec
        Parameters of the crossbar tiles.
    seed : int
        Reproduces programming, 0 or more. Each tile draws from a stream of its own.
    calibration_inputs : ndarray, shape (n_batch, n_inputs), optional
        Vectors that set the ADCs' range and find the drift; by default 64 normal ones, whose standard deviation is a
        third of the DAC's bound, or 1.

    Attributes
    ----------
    t_s, temperature_K : float
        Time since programming [s] and temperature [K].
    tiles : list of TileAtTime
        The blocks, row by row.
    adc_steps : list of list of float
        Current of one code of each digit's ADCs, for every tile, in digit steps times levels; 0 without an ADC.
    gains : list of float or ndarray
        Factors that undo the drift, a number or one a column, for every tile.

    Raises
    ------
    InputError
        If weights are not a finite real matrix, or the read voltage or temperature is beyond the device's range.
    """

    def __init__(self, weights, spec, seed=0, calibration_inputs=None):
        weights = checked_weights(weights)
        seed = check_seed(seed)
        spec.device.check_voltage(spec.read_voltage_V)
        self.shape, self.spec, self.seed, self.ledger = weights.shape, spec, seed, Ledger()
        largest = float(np.abs(weights).max())
        tiles = []
        for row, rows in enumerate(_cuts(weights.shape[0], spec.n_rows)):
            for column, columns in enumerate(_cuts(weights.shape[1], spec.n_columns)):
                rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_PROGRAM, row, column)))
                tiles.append(ProgrammedTile.program(spec, weights, largest, (rows, columns), rng))
        if calibration_inputs is None:
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_CALIBRATE,)))
            width = 1.0 if spec.dac.bound is None else spec.dac.bound / 3.0
            calibration_inputs = width * rng.standard_normal((N_CALIBRATION, weights.shape[0]))
        calibration, _ = checked_inputs(calibration_inputs, weights.shape[0])
        self._programmed, self._calibration = tiles, calibration
        self._settle(spec.device.t0_s, spec.temperature_K)
        levels, _, _ = spec.dac.levels(calibration, spec.dtype)
        self.adc_steps = [tile.adc_steps(self._of_rows(tile, levels)) for tile in self.tiles]
        self._references = None if spec.compensation == "none" else self._calibration_read(_REFERENCE)

    @property
    def n_tiles(self):
        """Blocks into which the matrix is cut; each has arrays for every digit, sign and parallel pair."""
        return len(self._programmed)

    def at(self, t_s, temperature_K=None):
        """Return the crossbar ``t_s`` seconds after programming, with the same cells, its drift compensated.

        Parameters
        ----------
        t_s : float
            Time since programming, from the card's ``t0_s`` on [s].
        temperature_K : float, optional
            Temperature; that of the spec by default [K].

        Returns
        -------
        Crossbar
            It shares the programmed cells and has a ledger of its own.

        Raises
        ------
        InputError
            If the device's card does not reach that time or temperature; the text names its range.
        """
        later = copy.copy(self)
        later.ledger = Ledger()
        later._settle(t_s, self.spec.temperature_K if temperature_K is None else temperature_K)
        if self.spec.compensation != "none":
            present = later._calibration_read(_CALIBRATE)
            later.gains = drift_gains(self.spec.compensation, self._references, present)
        return later

    def multiply(self, inputs, seed=0):
        """Return ``inputs @ weights`` as the tiles compute it; see `MatVec.multiply`.

        The read noise of vector k depends on the crossbar's seed, ``seed``, k and the time of the crossbar, not on
        the other vectors; what the batch's size changes in the last bits of a matrix product stays.
        """
        batch, is_single = checked_inputs(inputs, self.shape[0])
        seed = check_seed(seed)
        result = self._product(batch, seed)
        return result[0] if is_single else result

    def read_with(self, inputs, noisy_cells, seed=0):
        """Return the product of a batch whose cells' conductances in every read come from elsewhere.

        Parameters
        ----------
        inputs : ndarray, shape (n_batch, n_inputs), float64
            Vectors, read one after the other.
        noisy_cells : function of int
            Takes the number of a tile and returns a function of the digit's number, which returns the conductances of
            its arrays in the next read [S].
        seed : int
            Reproduces the ADC's own noise.
        """
        return self._product(inputs, seed, noisy_cells)

    def effective_weights(self):
        """Return the matrix that noiseless products with exact converters follow now, compensation included.

        Where the I-V curve is not odd it is the mean of those of positive and of negative inputs.

        Raises
        ------
        InputError
            If the product is no matrix product: nonlinear devices at many voltages, or behind wires.
        """
        if not all(reader.is_matrix for tile in self.tiles for reader in tile.readers):
            raise InputError("Effective weights must be of linear devices, or of pulses at one voltage and ideal wires")
        matrix = np.zeros(self.shape)
        for tile, gain in zip(self.tiles, self.gains, strict=True):
            matrix[tile.tile.rows, tile.tile.columns] = tile.effective_weights() * gain
        return matrix

    def conductances_S(self):
        """Return the present conductances of the most significant digit's first arrays, positive first [S].

        Returns
        -------
        list of ndarray, shape (n_inputs, n_outputs)
            Two of pairs, one of offset encodings.
        """
        maps = [np.zeros(self.shape) for _ in self.tiles[0].readers[-1].arrays_S]
        for tile in self.tiles:
            for whole, array in zip(maps, tile.readers[-1].arrays_S, strict=True):
                whole[tile.tile.rows, tile.tile.columns] = array[0][:, : tile.tile.n_columns]
        return maps

    def _settle(self, t_s, temperature_K):
        self.t_s, self.temperature_K = t_s, temperature_K
        self.tiles = [TileAtTime(tile, t_s, temperature_K) for tile in self._programmed]
        self.gains = [1.0] * len(self.tiles)

    def _calibration_read(self, use):
        """Return what every tile gives of the calibration inputs, as noisy and as coarse as any other read."""
        levels, _, _ = self.spec.dac.levels(self._calibration, self.spec.dtype)
        moment = int(np.float64(self.t_s).view(np.uint64)) >> 1  # its bits: reads at other times are other reads
        self._count({"calibration_reads": len(levels)})
        unit, key, parts = np.ones(len(levels)), derived_key(self.seed, use, moment), []
        for number, tile in enumerate(self.tiles):
            parts.append(np.empty((len(levels), tile.tile.n_columns)))
            self._add(number, levels, derived_key(key, number), Into(parts[-1], unit, 1.0, True))
        return parts

    def _product(self, batch, seed, noisy_cells=None):
        levels, unit, n_clipped = self.spec.dac.levels(batch, self.spec.dtype)
        result, key = np.empty((len(batch), self.shape[1])), derived_key(self.seed, _READ, seed)
        for number, (tile, gain) in enumerate(zip(self.tiles, self.gains, strict=True)):
            into = Into(result[:, tile.tile.columns], unit, gain, tile.tile.rows.start == 0)
            source = noisy_cells and noisy_cells(number)
            self._count(self._add(number, levels, derived_key(key, number), into, source))
        self._count({"products": len(batch), "clipped_inputs": n_clipped})
        return result

    def _add(self, number, levels, key, into, noisy_cells=None):
        """Add the product of one tile and return its events."""
        tile, steps = self.tiles[number], self.adc_steps[number]
        return tile.product(self._of_rows(tile, levels), steps, key, into, noisy_cells)

    @staticmethod
    def _of_rows(tile, levels):
        return np.ascontiguousarray(levels[:, tile.tile.rows])

    def _count(self, events):
        for name, number in events.items():
            self.ledger.events[name] = self.ledger.events.get(name, 0) + int(number)


def _cuts(length, size):
    """Return the slices that cut a length into pieces of at most ``size``."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]
