"""Energy that the cells turn into heat during products, from the same levels as the products."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError
from ..spec.matvec import checked_inputs


def heat_J(crossbar, inputs, on_s):
    r"""Return the energy dissipated in all cells by the product of a batch, lines taken as ideal.

    .. math:: E = \sum_{\mathrm{reads}} \sum_{ij} V_i\, I_{ij}(V_i)\, t_i

    Parameters
    ----------
    crossbar : Crossbar
        Crossbar at one time after programming.
    inputs : ndarray, shape (n_inputs,) or (n_batch, n_inputs), float64
        Input vectors, one a row.
    on_s : float
        How long rows are driven in one read, by pulses of varied length for the largest level [s].

    Returns
    -------
    float
        Energy [J].

    Raises
    ------
    InputError
        If the time is not above 0, or the inputs do not fit.
    """
    if not 0 < on_s < np.inf:
        raise InputError(f"Time of a read must be above 0 s and finite, not {on_s!r} s")
    batch, _ = checked_inputs(inputs, crossbar.shape[0])
    spec = crossbar.spec
    levels, _, _ = spec.dac.levels(batch)
    energy_J = 0.0
    for plane in spec.dac.planes(levels):
        for tile in crossbar.tiles:
            arrays = [array.sum(axis=0) for reader in tile.readers for array in reader.arrays_S]
            energy_J += on_s * sum(_power_W(spec, arrays_S, plane[:, tile.tile.rows]) for arrays_S in arrays)
    return energy_J


def _power_W(spec, conductance_S, levels):
    """Return the mean power during a read, summed over vectors and cells [W]."""
    if spec.dac.reads_at_one_voltage:
        share, volts = np.abs(levels) / spec.dac.plane_top, np.sign(levels) * spec.read_voltage_V
    else:
        share, volts = np.ones(levels.shape), levels * spec.level_V
    power_W = 0.0
    for shares, row in zip(share, volts, strict=True):
        power_W += float(shares * row @ spec.device.current_A(conductance_S, row[:, None]).sum(axis=1))
    return power_W
