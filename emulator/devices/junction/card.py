"""The stochastic magnetic tunnel junction (sMTJ) as a two-state telegraph: its card, and a population drawn from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite

import numpy as np

from ...spec.errors import InputError
from .circuit import JunctionCircuit

BARRIER_MAX_kT = 80.0  # storage cells are made with 60 to 80 kT; nothing above is a fluctuating junction
EXPONENT_MAX = 4.0  # published exponents are 1 to 2
ARGUMENT_MAX = 600.0  # exp() of more is not a number; a junction never leaves such a state


class TelegraphLaw:
    """Dwell times and what follows from them; shared by a card (numbers) and a population (one number a device).

    State +1 is favoured by x > 0. With Delta = ``barrier_kT``:

    tau_up(x) = tau0 exp(Delta (1 + x)^n) is the mean time spent in +1, tau_down(x) = tau0 exp(Delta (1 - x)^n) in -1.
    Beyond abs(x) = 1 the well of the other state is gone: its barrier stays zero and it is left after tau0.

    For n = 2 and abs(x) <= 1 the mean is tanh(2 Delta x) exactly, since the quadratic terms cancel.

    References
    ----------
    Kanai et al., Nature Communications 13, s41467-022-31788-1 (2022): n = 2 for a pitchfork, 3/2 for a saddle-node.
    """

    def reduced_drive(self, drive):
        """Return x = gain (drive - offset) of each device [1]; broadcasts over the last axis."""
        return self.gain * (np.asarray(drive, dtype=np.float64) - self.offset)

    def drive_for(self, x):
        """Return the drive that gives each device the reduced drive ``x`` [drive unit]."""
        return self.offset + np.asarray(x, dtype=np.float64) / self.gain

    def log_dwell(self, x):
        """Return ln(tau_up / tau0) and ln(tau_down / tau0) [1], arrays shaped like x and the devices together."""
        x = np.asarray(x, dtype=np.float64)
        up = self.barrier_kT * np.maximum(1.0 + x, 0.0) ** self.exponent
        down = self.barrier_kT * np.maximum(1.0 - x, 0.0) ** self.exponent
        return np.minimum(up, ARGUMENT_MAX), np.minimum(down, ARGUMENT_MAX)

    def dwell_s(self, x):
        """Return the mean time spent in +1 and in -1 at reduced drive ``x`` [s]."""
        up, down = self.log_dwell(x)
        return self.tau0_s * np.exp(up), self.tau0_s * np.exp(down)

    def rates_Hz(self, x):
        """Return the rate of flips up (from -1) and down (from +1) at reduced drive ``x`` [1/s]."""
        up, down = self.log_dwell(x)
        return np.exp(-down) / self.tau0_s, np.exp(-up) / self.tau0_s

    def mean(self, x):
        """Return the mean state in equilibrium [1]; tanh(2 Delta x) for n = 2 and abs(x) <= 1."""
        up, down = self.log_dwell(x)
        return np.tanh((up - down) / 2.0)

    def correlation_time_s(self, x):
        """Return tau_c of the autocorrelation exp(-t / tau_c), 1 / (rate up + rate down) [s]."""
        rate_up, rate_down = self.rates_Hz(x)
        return 1.0 / (rate_up + rate_down)


@dataclass(frozen=True)
class SmtjCard(TelegraphLaw):
    """What is known of one kind of junction.

    Parameters
    ----------
    tau0_s : float
        Attempt time [s]. Entropy makes it far shorter than the customary 1 ns in some stacks, so it has no default.
    barrier_kT : float
        Energy barrier without drive, Delta = E_B / kT [1], 0 to 80.
    exponent : float
        n of the barrier's dependence on the drive [1], 1 to 4.
    gain, offset : float
        x = gain (drive - offset) [1 / drive unit, drive unit].
    drive_unit : str
        What drives the junction: "V", "A" or "T".
    drive_min, drive_max : float
        Range in which the numbers were found [drive unit]; `checked_drive` refuses others.
    cv_barrier, cv_gain, cv_tau0 : float
        Standard deviation over mean, from device to device [1]; drawn log-normal.
    sd_offset : float
        Standard deviation of the offset from device to device [drive unit]; drawn normal.
    sd_cycle : float
        Standard deviation of the offset from one clock cycle to the next [drive unit]; drawn normal.
    circuit : JunctionCircuit
        Divider, transistor, read-out noise and comparator.
    name, citation : str
        Key, and where the numbers come from.
    unknown : tuple of str
        What was assumed because no measurement told it; runs on the card say so.

    Raises
    ------
    InputError
        If a number breaks its rule.
    """

    tau0_s: float
    barrier_kT: float
    exponent: float = 2.0
    gain: float = 1.0
    offset: float = 0.0
    drive_unit: str = "V"
    drive_min: float = -inf
    drive_max: float = inf
    cv_barrier: float = 0.0
    cv_gain: float = 0.0
    cv_tau0: float = 0.0
    sd_offset: float = 0.0
    sd_cycle: float = 0.0
    circuit: JunctionCircuit = field(default_factory=JunctionCircuit)
    name: str = "smtj"
    citation: str = "declared by the user"
    unknown: tuple[str, ...] = ()

    def __post_init__(self):
        """Refuse numbers that no junction has."""
        _check(isfinite(self.tau0_s) and self.tau0_s > 0, "Attempt time", "above 0 s", self.tau0_s)
        _check(0 <= self.barrier_kT <= BARRIER_MAX_kT, "Barrier", f"0 to {BARRIER_MAX_kT:g} kT", self.barrier_kT)
        _check(1 <= self.exponent <= EXPONENT_MAX, "Exponent", f"1 to {EXPONENT_MAX:g}", self.exponent)
        _check(isfinite(self.gain) and self.gain > 0, "Gain", "above 0", self.gain)
        _check(isfinite(self.offset), "Offset", "finite", self.offset)
        _check(self.drive_unit in ("V", "A", "T"), "Drive unit", "V, A or T", self.drive_unit)
        _check(self.drive_min < self.drive_max, "Drive range", "an interval", (self.drive_min, self.drive_max))
        for label in ("cv_barrier", "cv_gain", "cv_tau0"):
            value = getattr(self, label)
            _check(0 <= value <= 1, f"Spread {label}", "0 to 1", value)
        for label in ("sd_offset", "sd_cycle"):
            value = getattr(self, label)
            _check(isfinite(value) and value >= 0, f"Spread {label}", "0 or above", value)

    def checked_drive(self, drive):
        """Return ``drive`` as float64 after a check that the card's numbers hold there.

        Raises
        ------
        InputError
            If any drive lies outside ``drive_min`` to ``drive_max``.
        """
        drive = np.asarray(drive, dtype=np.float64)
        outside = ~((drive >= self.drive_min) & (drive <= self.drive_max))
        if outside.any():
            rule = f"{self.drive_min:g} to {self.drive_max:g} {self.drive_unit}, the range of {self.name}"
            raise InputError(f"Drive must be {rule}, not {drive[outside].flat[0]:g}")
        return drive


@dataclass(frozen=True)
class SmtjPopulation(TelegraphLaw):
    """Junctions of one kind that differ from each other; made by `draw_population`.

    Parameters
    ----------
    card : SmtjCard
        Card of the nominal junction.
    tau0_s, barrier_kT, gain, offset : ndarray, shape (n_devices,), float64
        Parameters of each device, as in the card.
    """

    card: SmtjCard
    tau0_s: np.ndarray
    barrier_kT: np.ndarray
    gain: np.ndarray
    offset: np.ndarray

    @property
    def n_devices(self):
        """Number of junctions."""
        return self.tau0_s.size

    @property
    def exponent(self):
        """Exponent n, which does not vary."""
        return self.card.exponent


def draw_population(card, n_devices, rng):
    """Draw junctions that vary as the card says.

    Parameters
    ----------
    card : SmtjCard
        Nominal junction and its spreads.
    n_devices : int
        Number of devices.
    rng : numpy.random.Generator
        Source of the draws. The same number of draws is made whatever the spreads are.

    Returns
    -------
    SmtjPopulation

    Raises
    ------
    InputError
        If there is no device.
    """
    _check(n_devices >= 1, "Devices", "1 or more", n_devices)
    barrier, gain, tau0, offset = rng.standard_normal((4, n_devices))
    return SmtjPopulation(
        card,
        tau0_s=card.tau0_s * _log_normal(card.cv_tau0, tau0),
        barrier_kT=card.barrier_kT * _log_normal(card.cv_barrier, barrier),
        gain=card.gain * _log_normal(card.cv_gain, gain),
        offset=card.offset + card.sd_offset * offset,
    )


def cycle_drive(card, drive, rng):
    """Return ``drive`` with the offset that each cycle adds, one draw for each entry [drive unit]."""
    drive = np.asarray(drive, dtype=np.float64)
    return drive + card.sd_cycle * rng.standard_normal(drive.shape)


def _log_normal(cv, normal):
    """Return positive factors of mean 1 and coefficient of variation ``cv``."""
    variance = np.log1p(cv**2)
    return np.exp(np.sqrt(variance) * normal - variance / 2.0)


def _check(holds, subject, rule, value):
    if not holds:
        raise InputError(f"{subject} must be {rule}, not {value!r}")
