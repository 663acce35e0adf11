"""A crossbar whose read noise is correlated in time: 1/f and telegraph noise, cell by cell, from one read to the next.

Lumped noise is drawn anew in each read, which is wrong where cells remember: then the errors of successive products
resemble each other, and averaging them gains less.
"""

from __future__ import annotations

import numpy as np

from ..devices.memristor.flicker_process import FlickerProcess
from ..devices.memristor.noise_trace import NoiseTrace
from ..spec.errors import InputError
from ..spec.matvec import checked_inputs


class RememberingCrossbar:
    """A crossbar at one time with noise processes on every cell; keeps `MatVec`, but each call moves the noise on.

    Parameters
    ----------
    crossbar : Crossbar
        Cells, tiles and converters; its ledger goes on counting.
    interval_s : float
        Time from one read of the arrays to the next; a vector takes one for every plane of the DAC [s].
    seed : int
        Reproduces the noise of all calls.
    process : function of (card, cells, t_s, rng)
        Makes the noise process of an array; by default the card's 1/f noise in time.

    Raises
    ------
    InputError
        If the interval is not above 0, or the card has no noise of that kind.
    """

    def __init__(self, crossbar, interval_s, seed=0, process=FlickerProcess.of_card):
        if not 0 < interval_s < np.inf:
            raise InputError(f"Interval between reads must be above 0 s and finite, not {interval_s!r} s")
        self._crossbar, self._interval_s = crossbar, interval_s
        self.shape, self.ledger = crossbar.shape, crossbar.ledger
        device, t_s = crossbar.spec.device, crossbar.t_s
        self._traces = {}
        for number, tile in enumerate(crossbar.tiles):
            for d, reader in enumerate(tile.readers):
                rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, d)))
                processes = [process(device, cells, t_s, rng) for cells in reader.digit.arrays]
                self._traces[number, d] = [NoiseTrace(each) for each in processes]

    def multiply(self, inputs, seed=0):
        """Return the products of vectors that are read one after the other; ``seed`` is that of the ADC's own noise."""
        batch, is_single = checked_inputs(inputs, self.shape[0])
        found = [self._crossbar.read_with(vector[None], self._cells_of, seed) for vector in batch]
        return found[0][0] if is_single else np.concatenate(found)

    def _cells_of(self, number):
        """Return what gives the conductances of one tile's digits in their next read."""
        readers = self._crossbar.tiles[number].readers

        def next_read(d):
            traces = self._traces[number, d]
            factors = [trace.advance(self._interval_s) for trace in traces]
            return [array * factor for array, factor in zip(readers[d].arrays_S, factors, strict=True)]

        return next_read
