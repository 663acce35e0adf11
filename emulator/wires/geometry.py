"""Resistance of a wire segment from its geometry."""

from __future__ import annotations

import numpy as np

from ..spec.errors import InputError

# Width [m] -> resistivity with size effects [ohm m], height over width. Source: DNN+NeuroSim V1.4, interconnect table.
_NODES = {
    175e-9: (20.1e-9, 1.6),
    105e-9: (22.1e-9, 1.7),
    80e-9: (23.7e-9, 1.7),
    56e-9: (26.3e-9, 1.8),
    40e-9: (29.7e-9, 1.9),
    32e-9: (32.5e-9, 2.0),
    22e-9: (39.5e-9, 2.0),
    20e-9: (41.7e-9, 2.0),
    15e-9: (49.8e-9, 2.0),
}
_TEMPERATURE_SLOPE_PER_K = 0.00451  # Source: the same


def segment_ohm(width_m, length_m, temperature_K=300.0, barrier_m=0.0):
    """Return the resistance of a copper segment, R = rho L / (w^2 AR).

    Resistivity and aspect ratio are interpolated in the width between the tabulated ones.

    Parameters
    ----------
    width_m, length_m : float
        Width of the wire, within 15-175 nm, and pitch of the cells [m].
    temperature_K : float
        Temperature, 300 K or more [K].
    barrier_m : float
        Thickness of the barrier that carries no current [m].

    Returns
    -------
    float
        Resistance [ohm].

    Raises
    ------
    InputError
        If the width lies outside the table, a length is not positive, or the barrier fills the wire.
    """
    widths = np.array(sorted(_NODES))
    if not widths[0] <= width_m <= widths[-1]:
        raise InputError(f"Wire width must be 15 to 175 nm (the tabulated range), not {width_m * 1e9:g} nm")
    if not length_m > 0:
        raise InputError(f"Segment length must be above 0 m, not {length_m!r} m")
    if not temperature_K >= 300:
        raise InputError(f"Temperature must be 300 K or more, where the slope was fitted, not {temperature_K!r} K")
    rho = np.interp(width_m, widths, [_NODES[w][0] for w in widths])
    aspect = np.interp(width_m, widths, [_NODES[w][1] for w in widths])
    free = 1.0 - (2.0 * aspect + 1.0) * barrier_m / (aspect * width_m)
    if not 0 < free <= 1:
        raise InputError(f"Barrier must leave some of the wire and be 0 or more, not {barrier_m * 1e9:g} nm thick")
    rho *= (1.0 + _TEMPERATURE_SLOPE_PER_K * (temperature_K - 300.0)) / free
    return float(rho * length_m / (width_m**2 * aspect))
