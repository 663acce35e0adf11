"""Programming of one array pair, with the partner of a stuck device taking over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np


def program_pair(spec, shares, rng):
    """Return the cells of the positive and the negative array, and the window.

    Parameters
    ----------
    spec : TileSpec
        Device, encoding, and whether stuck cells are remapped.
    shares : ndarray, shape (n_rows, n_columns), float64
        Shares of the window, -1 ... 1, repeated already where devices are parallel.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    plus, minus : Cells
        Programmed arrays.
    window_S : float
        Conductance difference that share 1 stands for [S].
    """
    device = spec.device
    plus_S, minus_S, window = spec.encoding.targets(shares, device)
    plus, minus = device.program(plus_S, rng), device.program(minus_S, rng)
    if spec.remap:
        healthy = device.without("faults")
        minus = _taken_over(healthy, minus, plus, plus_S - minus_S, -1.0, rng)
        plus = _taken_over(healthy, plus, minus, plus_S - minus_S, 1.0, rng)
    return plus, minus, window


def _taken_over(device, cells, partner, difference_S, sign, rng):
    """Return cells in which the partners of stuck ones are written again, so that the difference comes out.

    ``sign`` is that of ``cells`` in the difference. What the window does not reach is left undone.
    """
    wanted = partner.programmed_S + sign * difference_S
    again = partner.stuck & ~cells.stuck
    target = np.where(again, np.clip(wanted, device.g_min_S, device.g_max_S), cells.target_S)
    fresh = device.program(target, rng)
    drawn = {name: np.where(again, fresh.drawn[name], old) for name, old in cells.drawn.items()}
    programmed = np.where(again, fresh.programmed_S, cells.programmed_S)
    return replace(cells, target_S=target, programmed_S=programmed, drawn=drawn)
