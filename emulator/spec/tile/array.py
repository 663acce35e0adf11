"""What a tile controller needs of an analog array: the protocol between the crossbar's rooms and co-simulation."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class TileArray(Protocol):
    """An analog array of one or more row tiles, read plane by plane.

    It says what the columns settle to. When they are sampled, and how that becomes codes, is cycle-level behaviour
    that `spinchip.emulator.golden.tile.array.SampledArray` adds to any such object.
    """

    def columns(self, tile, bits):
        """Return the settled column values of one read.

        Parameters
        ----------
        tile : int
            Row tile whose rows are driven.
        bits : ndarray, shape (n_rows,), uint8
            1 for each row that is driven.

        Returns
        -------
        ndarray, shape (n_columns,), float64 or integer
            Values in units of the ADC's step, before rounding and clipping. A noisy array draws anew in each call.
        """
        ...
