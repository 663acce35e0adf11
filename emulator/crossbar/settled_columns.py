"""A crossbar as the analog array that a tile controller meets: one read of bits at a time, in steps of the ADC."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from .normal_kernels import derived_key


class SettledColumns:
    """Columns of a crossbar one tile wide, before they are sampled; keeps `TileArray`.

    The controller adds the codes of all planes and row tiles with weights of powers of two, so that the matrix must
    stand in one digit of pairs, with one ADC step for all row tiles; range "step" gives the integer product.

    Parameters
    ----------
    crossbar : Crossbar
        At one time; its drift gains are the controller's business and not applied.
    seed : int
        Reproduces the noise of all reads.

    Raises
    ------
    InputError
        If the crossbar has several tiles side by side, several digits, an offset, no ADC, or ADC steps that differ.
    """

    def __init__(self, crossbar, seed=0):
        spec, steps = crossbar.spec, {step for tile in crossbar.adc_steps for step in tile}
        if crossbar.shape[1] > spec.n_columns or spec.encoding.slices > 1 or not spec.encoding.is_pair:
            raise InputError("Crossbar of a tile controller must be one tile wide, of pairs without slices")
        if len(steps) > 1 or spec.adc.bits is None:
            raise InputError(f"ADCs of a tile controller must have one step, not {sorted(steps)}; range 'step' has")
        self._crossbar, self._step = crossbar, steps.pop()
        self._key, self._n_reads = derived_key(seed), 0

    def columns(self, tile, bits):
        """Return the settled values of one read; see `TileArray.columns`. Rows beyond the matrix do nothing."""
        now = self._crossbar.tiles[tile]
        self._n_reads += 1
        plane = np.asarray(bits)[None, : now.tile.n_rows].astype(self._crossbar.spec.dtype)
        currents = now.read_plane(plane, 0, self._step, derived_key(self._key, self._n_reads))
        return currents[0].astype(np.float64) / self._step
