"""The device card: what is known of one published device, as laws that an array of cells obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Cells:
    """What programming left behind in an array of devices; never changed afterwards.

    Parameters
    ----------
    target_S, programmed_S : ndarray, shape (n_rows, n_cols), float64
        Conductance that was asked for, and that a read at the card's ``t0_s`` finds [S].
    drawn : dict of str to ndarray, shape (n_rows, n_cols)
        Constants of each cell drawn at programming, such as its drift exponent ``nu`` [1].
    stuck : ndarray, shape (n_rows, n_cols), bool
        Cells that ignore programming.
    """

    target_S: np.ndarray
    programmed_S: np.ndarray
    drawn: dict[str, np.ndarray]
    stuck: np.ndarray


class Device(Protocol):
    """What tiles ask of a device; `DeviceCard` keeps it.

    Attributes
    ----------
    name, citation : str
        Key in the catalogue; where the numbers come from.
    g_min_S, g_max_S : float
        Window of programmable conductance [S].
    t0_s, t_max_s : float
        Time of the reference read, and the end of the range in which the retention law was fitted [s].
    is_linear : bool
        Whether the current is conductance times voltage.
    """

    name: str
    citation: str
    g_min_S: float
    g_max_S: float
    t0_s: float
    t_max_s: float
    is_linear: bool

    def program(self, target_S, rng):
        """Return the `Cells` that programming to ``target_S`` leaves; draws from ``rng``."""
        ...

    def conductance_S(self, cells, t_s, temperature_K=300.0):
        """Return the conductance of each cell ``t_s`` seconds after programming, without read noise [S]."""
        ...

    def read_sigma_S(self, cells, t_s, temperature_K=300.0):
        """Return the standard deviation of one read of each cell [S]; zeros for a device without read noise."""
        ...

    def current_A(self, conductance_S, voltage_V):
        """Return the current through cells of that conductance at that voltage [A]; broadcasts."""
        ...

    def slope_S(self, conductance_S, voltage_V):
        """Return the derivative of `current_A` by the voltage [S]; broadcasts."""
        ...
