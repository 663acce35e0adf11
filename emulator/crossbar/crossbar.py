"""A matrix on as many crossbar tiles as it takes, behind the `MatVec` protocol."""

from __future__ import annotations

import numpy as np

from ..spec.matvec import checked_inputs, checked_weights
from ..spec.samples import Ledger
from .compensation import drift_gains
from .tile import ProgrammedTile, TileAtTime

N_CALIBRATION = 64  # random vectors that set the ADC's range
_PROGRAM, _READ, _CALIBRATE = range(3)  # uses of a seed, kept apart in its spawn key


class Crossbar:
    """y = x W on analog tiles.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float
        W. Its largest magnitude is full scale of every tile.
    spec : TileSpec
        The tiles.
    seed : int
        Reproduces programming. Each tile draws from a stream of its own, so that no tile depends on another.
    calibration_inputs : ndarray, shape (n_batch, n_inputs), optional
        Vectors that set the range of the ADCs; standard normal ones by default.

    Raises
    ------
    InputError
        If weights are not a finite real matrix, or a law of the device is asked beyond its range.
    """

    def __init__(self, weights, spec, seed=0, calibration_inputs=None):
        weights = checked_weights(weights)
        self.shape, self.spec, self.seed = weights.shape, spec, seed
        self.scale = float(np.abs(weights).max()) or 1.0
        self.ledger = Ledger()
        tiles = []
        for number, place in enumerate(_places(weights.shape, spec)):
            tiles.append(ProgrammedTile.program(spec, weights, self.scale, place, self._rng(_PROGRAM, number)))
        self._tiles = tuple(tiles)
        if calibration_inputs is None:
            calibration_inputs = self._rng(_CALIBRATE, 0).standard_normal((N_CALIBRATION, self.shape[0]))
        self._calibration, _ = checked_inputs(calibration_inputs, self.shape[0])
        self._settle(spec.device.t0_s, 300.0)
        levels = spec.dac.levels(self._typed(self._calibration))[0]
        self._ranges = [t.full_scales(levels[:, t.tile.rows], t.tile.rows.stop - t.tile.rows.start) for t in self._now]

    @property
    def n_tiles(self):
        """Blocks into which the matrix is cut; each has an array pair for every digit and replica."""
        return len(self._tiles)

    def at(self, t_s, temperature_K=300.0):
        """Return the crossbar ``t_s`` seconds after programming, with the same cells and its drift compensated.

        Raises
        ------
        InputError
            If the device's card does not reach that time or temperature; the text names its range.
        """
        later = object.__new__(Crossbar)
        later.__dict__.update(self.__dict__)
        later.ledger = Ledger()
        later._settle(t_s, temperature_K)
        later._gains = drift_gains(self.spec.compensation, self._reference, later._probe())
        return later

    def multiply(self, inputs, seed=0):
        """Return ``inputs @ weights`` as the tiles compute it; see `MatVec.multiply`.

        ``seed`` reproduces the read noise of this call; the noise of a vector depends on its place in the batch.
        """
        batch, is_single = checked_inputs(inputs, self.shape[0])
        result = self._product(batch, seed) * self._gains
        return result[0] if is_single else result

    def heat_W(self, inputs):
        """Return the mean power in the cells while the rows carry ``inputs`` [W]."""
        batch, _ = checked_inputs(inputs, self.shape[0])
        levels = self.spec.dac.levels(batch)[0]
        return sum(reader.heat_W(levels[:, tile.tile.rows]) for tile in self._now for reader in tile.readers)

    def conductances_S(self):
        """Return (positive, negative) conductances of the most significant digit's first replica, as they lie now."""
        plus, minus = np.zeros(self.shape), np.zeros(self.shape)
        for tile in self._now:
            place = (tile.tile.rows, tile.tile.columns)
            plus[place], minus[place] = tile.readers[0].plus_S[0], tile.readers[0].minus_S[0]
        return plus, minus

    def effective_weights(self):
        """Return the matrix that noiseless products with exact inputs follow now, compensation included.

        Raises
        ------
        InputError
            If a nonlinear device is read at many voltages, which no matrix describes.
        """
        matrix = np.zeros(self.shape)
        for tile in self._now:
            place = (tile.tile.rows, tile.tile.columns)
            for reader, (_, _, worth) in zip(tile.readers, tile.tile.slices, strict=True):
                matrix[place] += worth * reader.operator_S
        return matrix * self._gains

    def noise_sigmas(self):
        """Return the spread of every output when all inputs are -1 or +1, wires taken as ideal; shape (n_outputs,)."""
        variance = np.zeros(self.shape[1])
        for tile in self._now:
            for reader, (_, _, worth) in zip(tile.readers, tile.tile.slices, strict=True):
                if reader.noise_operator_S2 is not None:
                    variance[tile.tile.columns] += worth**2 * reader.noise_operator_S2.sum(axis=0, dtype=np.float64)
        return np.sqrt(variance) * self._gains

    def _settle(self, t_s, temperature_K):
        self._now = [TileAtTime(tile, t_s, temperature_K) for tile in self._tiles]
        self._gains = 1.0
        self.t_s, self.temperature_K = t_s, temperature_K

    @property
    def _reference(self):
        """What the calibration read gave right after programming."""
        if "_reference_read" not in self.__dict__:
            first = object.__new__(Crossbar)
            first.__dict__.update(self.__dict__)
            first.ledger = Ledger()
            first._settle(self.spec.device.t0_s, 300.0)
            self._reference_read = first._probe()
        return self._reference_read

    def _probe(self):
        """Return a read of the calibration vectors, as noisy and as coarse as any other."""
        if self.spec.compensation == "none":
            return None
        return self._product(self._calibration, self.seed, _CALIBRATE)

    def _product(self, batch, seed, use=_READ):
        levels, unit, n_clipped = self.spec.dac.levels(self._typed(batch))
        result = np.zeros((len(batch), self.shape[1]), dtype=levels.dtype)
        for number, (tile, ranges) in enumerate(zip(self._now, self._ranges, strict=True)):
            part, events = tile.product(levels[:, tile.tile.rows], ranges, self._rng(use, number, seed))
            result[:, tile.tile.columns] += part
            events["accumulations"] = part.size
            self._count(events)
        self._count({"products": len(batch), "clipped_inputs": n_clipped})
        return result * unit

    def _typed(self, batch):
        return batch.astype(np.float32) if self.spec.single_precision else batch

    def _count(self, events):
        for name, number in events.items():
            self.ledger.events[name] = self.ledger.events.get(name, 0) + int(number)

    def _rng(self, use, number, seed=0):
        key = np.random.SeedSequence([self.seed, seed], spawn_key=(use, number))
        return np.random.Generator(np.random.SFC64(key))


def _places(shape, spec):
    """Yield the blocks of a matrix, row by row; (slice, slice)."""
    for i in range(0, shape[0], spec.n_rows):
        for j in range(0, shape[1], spec.n_columns):
            yield slice(i, min(i + spec.n_rows, shape[0])), slice(j, min(j + spec.n_columns, shape[1]))
