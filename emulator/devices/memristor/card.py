"""The device card: what is known of one published device, as laws that an array of cells obeys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ...spec.errors import InputError
from .conduction import Cubic, Ohmic, Sinh
from .faults import StuckCells, no_faults
from .heavy_tail_relaxation import HeavyTailRelaxation
from .levels import UniformLevels
from .log_time_shift import LogTimeShift
from .power_law_drift import PowerLawDrift
from .programming_error import GaussianError
from .quadrature_growth import QuadratureGrowth
from .read_noise import FlickerNoise, LogConductanceNoise
from .temperature import Arrhenius
from .write_verify import WriteVerify


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


LAWS = ("programming", "drift", "read_noise", "conduction", "temperature", "faults", "levels")
# A cell between a driven row and a column that other rows lift sees more than any driver gives; found in arrays of
# 32 x 32 with drivers of both signs and lines of 0.5 to 500 ohm: 2 %.
_ABOVE_DRIVE = 0.1
_ROUNDING = 1e-9  # a target computed as g_max (1 + rounding) is g_max, not an extrapolation


@dataclass(frozen=True)
class DeviceCard:
    """One published device: its windows, and one law for each thing that it does to a conductance.

    A law that is None is absent; `without` takes laws away one by one. Each law draws from a stream of its own, so
    the other draws stay the same when one is taken away.

    Parameters
    ----------
    name, citation : str
        Key in the catalogue; where the numbers come from, with figure or table.
    g_min_S, g_max_S : float
        Window of programmable conductance [S].
    t0_s, t_max_s : float
        Time of the reference read, and the end of the range in which the drift law holds [s].
    v_max_V : float
        Largest absolute voltage at which the conduction law holds [V].
    temperatures_K : tuple of (float, float)
        Coldest and hottest temperature at which the laws hold [K].
    programming : GaussianError, WriteVerify or None
        Error of the written conductance.
    drift : PowerLawDrift, QuadratureGrowth, HeavyTailRelaxation, LogTimeShift or None
        Change of the conductance after programming.
    read_noise : FlickerNoise, LogConductanceNoise or None
        Spread of one read.
    conduction : Ohmic, Sinh or Cubic
        Current at a voltage.
    temperature : Arrhenius or None
        Change of conductance with temperature.
    faults : StuckCells or None
        Cells that ignore programming.
    levels : UniformLevels or None
        Conductances that can be asked for.
    """

    name: str
    citation: str
    g_min_S: float
    g_max_S: float
    t0_s: float
    t_max_s: float
    v_max_V: float = np.inf
    temperatures_K: tuple[float, float] = (300.0, 300.0)
    programming: GaussianError | WriteVerify | None = None
    drift: PowerLawDrift | QuadratureGrowth | HeavyTailRelaxation | LogTimeShift | None = None
    read_noise: FlickerNoise | LogConductanceNoise | None = None
    conduction: Ohmic | Sinh | Cubic = Ohmic()
    temperature: Arrhenius | None = None
    faults: StuckCells | None = None
    levels: UniformLevels | None = None

    def __post_init__(self):
        if not 0 <= self.g_min_S < self.g_max_S < np.inf:
            raise InputError(f"g_min_S must be within 0 to g_max_S = {self.g_max_S!r}, not {self.g_min_S!r}")
        if not 0 < self.t0_s <= self.t_max_s:
            raise InputError(f"t0_s must be above 0 and at most t_max_s = {self.t_max_s!r}, not {self.t0_s!r}")
        if not self.v_max_V > 0:
            raise InputError(f"v_max_V must be above 0, not {self.v_max_V!r}")
        if not 0 < self.temperatures_K[0] <= self.temperatures_K[1]:
            raise InputError(f"temperatures_K must be two rising numbers above 0, not {self.temperatures_K!r}")
        self._check_laws()

    def _check_laws(self):
        """Refuse times that the drift law would have to extrapolate to, or that are shorter than one read."""
        first_s, last_s = self.drift.window_s if self.drift else (0.0, np.inf)
        if not first_s <= self.t0_s:
            raise InputError(f"t0_s must be at least {first_s!r} s, where the drift law begins, not {self.t0_s!r}")
        if not self.t_max_s <= last_s:
            raise InputError(f"t_max_s must be at most {last_s!r} s, where the drift law ends, not {self.t_max_s!r}")
        if self.read_noise and not self.read_noise.t_read_s <= self.t0_s:
            raise InputError(f"t0_s must be at least t_read_s = {self.read_noise.t_read_s!r}, not {self.t0_s!r}")

    @property
    def is_linear(self):
        """Whether the current is conductance times voltage."""
        return self.conduction.is_linear

    def without(self, *laws):
        """Return a card that lacks the named laws; without its conduction law a device is ohmic.

        Raises
        ------
        InputError
            If a name is not one of `LAWS`.
        """
        for law in laws:
            if law not in LAWS:
                raise InputError(f"Law must be one of {', '.join(LAWS)}, not {law!r}")
        return replace(self, **{law: Ohmic() if law == "conduction" else None for law in laws})

    def program(self, target_S, rng):
        """Program an array of cells and wait for the reference read at ``t0_s``.

        Parameters
        ----------
        target_S : ndarray, shape (n_rows, n_cols), float64
            Conductance asked for [S]; any shape will do.
        rng : numpy.random.Generator
            Source of all draws. Every call takes the same number of words from it.

        Returns
        -------
        Cells
            Conductances found at ``t0_s``, clipped at zero, and the constants of the cells.

        Raises
        ------
        InputError
            If a target is not finite or outside ``g_min_S`` to ``g_max_S``.
        """
        target_S = self._checked_target(target_S)
        streams = [np.random.default_rng(words) for words in rng.integers(2**32, size=(3, 4), dtype=np.uint32)]
        aim_S = target_S
        if self.levels:
            aim_S = self.levels.nearest_S(target_S, self.g_min_S, self.g_max_S)
        found_S, drawn = aim_S, {}
        if self.programming:
            found_S, drawn = self.programming.write(aim_S, streams[0])
        if self.drift:
            found_S, constants = self.drift.begin(aim_S, found_S, streams[1], self.t0_s)
            drawn = drawn | constants
        low, high = self.faults.draw(target_S.shape, streams[2]) if self.faults else no_faults(target_S.shape)
        found_S = np.where(low, self.g_min_S, np.where(high, self.g_max_S, np.maximum(found_S, 0.0)))
        return Cells(target_S=target_S, programmed_S=found_S, drawn=drawn, stuck=low | high)

    def conductance_S(self, cells, t_s, temperature_K=300.0):
        """Return the conductance of each cell ``t_s`` seconds after programming, without read noise [S].

        Stuck cells do not drift. Nothing falls below zero.

        Raises
        ------
        InputError
            If the time is outside ``t0_s`` to ``t_max_s``, or the temperature outside ``temperatures_K``.
        """
        self.check_time(t_s)
        self.check_temperature(temperature_K)
        found_S = cells.programmed_S.copy()
        if self.drift:
            found_S = np.where(cells.stuck, found_S, np.maximum(self.drift.at(cells, t_s, self.t0_s), 0.0))
        if self.temperature:
            found_S *= self.temperature.factor(cells.programmed_S, temperature_K)
        return found_S

    def read_sigma_S(self, cells, t_s, temperature_K=300.0):
        """Return the standard deviation of one read of each cell [S]; zeros for a device without read noise."""
        found_S = self.conductance_S(cells, t_s, temperature_K)
        if not self.read_noise:
            return np.zeros_like(found_S)
        return self.read_noise.sigma_S(found_S, cells.programmed_S, t_s)

    def current_A(self, conductance_S, voltage_V):
        """Return the current through cells of that conductance at that voltage [A]; broadcasts.

        Raises
        ------
        InputError
            If a voltage is more than a tenth beyond ``v_max_V``. That much a cell inside an array may see when its
            drivers are within the range, for which there is `check_voltage`.
        """
        self._check_cell_voltage(voltage_V)
        return self.conduction.current_A(conductance_S, voltage_V)

    def slope_S(self, conductance_S, voltage_V):
        """Return the derivative of `current_A` by the voltage [S]; broadcasts; the same errors."""
        self._check_cell_voltage(voltage_V)
        return self.conduction.slope_S(conductance_S, voltage_V)

    def check_time(self, t_s):
        """Refuse a time outside the range of the drift law."""
        if not self.t0_s <= t_s <= self.t_max_s:
            raise InputError(f"Time of {self.name} must be within {self.t0_s:g} to {self.t_max_s:g} s, not {t_s:g} s")

    def check_temperature(self, temperature_K):
        """Refuse a temperature outside the range of the laws."""
        low_K, high_K = self.temperatures_K
        if not low_K <= temperature_K <= high_K:
            raise InputError(
                f"Temperature of {self.name} must be within {low_K:g} to {high_K:g} K, not {temperature_K:g} K"
            )

    def check_voltage(self, voltage_V):
        """Refuse a drive outside the range of the conduction law: an absolute voltage above ``v_max_V``."""
        self._check_cell_voltage(voltage_V, slack=_ROUNDING)

    def _check_cell_voltage(self, voltage_V, slack=_ABOVE_DRIVE):
        if not np.max(np.abs(voltage_V), initial=0.0) <= self.v_max_V * (1 + slack):
            worst_V = np.ravel(voltage_V)[np.argmax(np.abs(voltage_V))]
            raise InputError(
                f"Voltage of {self.name} must be within -{self.v_max_V:g} to {self.v_max_V:g} V, not {worst_V:g} V"
            )

    def _checked_target(self, target_S):
        target_S = np.array(target_S, dtype=np.float64)
        slack_S = _ROUNDING * self.g_max_S
        outside = ~((target_S >= self.g_min_S - slack_S) & (target_S <= self.g_max_S + slack_S))
        if outside.any():
            raise InputError(
                f"Target conductance of {self.name} must be within {self.g_min_S:g} to {self.g_max_S:g} S, "
                f"not {target_S[outside].flat[0]:g} S"
            )
        return np.clip(target_S, self.g_min_S, self.g_max_S)
