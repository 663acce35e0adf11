"""Energy that a crossbar's cells turn into heat, which depends on the data."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError


def array_energy_J(voltages_V, conductances_S, on_s):
    r"""Return the energy dissipated in the cells of an array.

    .. math:: E = \sum_{ij} V_i^2 \, G_{ij} \, t_i

    Parameters
    ----------
    voltages_V : float or ndarray, shape (n_rows,)
        Read voltage of each row against the columns' virtual ground [V]; its sign does not matter.
    conductances_S : ndarray, shape (n_rows, n_columns)
        Conductance of each cell; of a differential pair the sum of both devices [S].
    on_s : float or ndarray, shape (n_rows,)
        How long each row was driven, such as ``on_cycles / clock_hz`` of a golden tile controller [s].

    Returns
    -------
    float
        Energy [J].

    Raises
    ------
    InputError
        If a number is not finite, a conductance or a time is negative, or the shapes do not match.
    """
    conductances = np.asarray(conductances_S, dtype=np.float64)
    if conductances.ndim != 2 or conductances.size == 0:
        raise InputError(f"Conductances must be a matrix, not of shape {conductances.shape}")
    n_rows = len(conductances)
    voltages, times = (_per_row(values, n_rows) for values in (voltages_V, on_s))
    for name, values, signed in (
        ("Voltages", voltages, True),
        ("Conductances", conductances, False),
        ("Times", times, False),
    ):
        if not np.isfinite(values).all() or not signed and (values < 0).any():
            raise InputError(f"{name} must be finite{'' if signed else ' and at least 0'}, not {values.min()!r}")
    return float(np.sum(voltages**2 * times * conductances.sum(axis=1)))


def _per_row(values, n_rows):
    """Return one value a row."""
    values = np.asarray(values, dtype=np.float64)
    if values.shape not in ((), (n_rows,)):
        raise InputError(f"Values of {n_rows} rows must be a number or one a row, not of shape {values.shape}")
    return np.broadcast_to(values, n_rows)
