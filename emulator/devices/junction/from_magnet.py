"""A telegraph card from a magnet: exact where the magnet is axial, simulated where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from ...spec.errors import InputError
from ...spec.seeds import child_seed
from .card import SmtjCard
from .diffusion import solve
from .macrospin import MacrospinEnsemble

BARRIER_MIN_kT = 2.0  # below it there are no two states to speak of: the slowest mode is no longer well apart
SLOPE_DRIVE = 0.01  # reduced drive at which the exact gain is read; the mean is straight there to 1e-3
N_JUNCTIONS = 256
BURN_IN_STAYS = 2
LAG = 8  # records in a third of a correlation time


@dataclass(frozen=True)
class MeasuredTelegraph:
    """What a simulation says of the two states of a magnet under one drive.

    Parameters
    ----------
    rate_Hz, rate_error_Hz : float
        Decay rate of the correlation of the state, rate up + rate down, and its standard error [1/s].
    share_up, share_error : float
        Probability of the well along the easy axis, and its standard error [1].
    """

    rate_Hz: float
    rate_error_Hz: float
    share_up: float
    share_error: float


def telegraph_card(magnet, drive_unit="T", n_stays=2000, seed=0, **declared):
    """Return the card of a junction with this free layer.

    Delta is the magnet's barrier and n = 2. The attempt time is such that both dwell times without drive are those of
    the magnet. The gain is such that the transfer curve has the magnet's slope without drive, which is a little less
    than the Stoner-Wohlfarth 1 / B_k, as the prefactors of the two wells differ; `transfer_error` says what is left.

    Parameters
    ----------
    magnet : Magnet
        Barrier of 2 kT or more.
    drive_unit : {"T", "A"}
        Field along the easy axis, or current whose polariser lies along it.
    n_stays : int
        Correlation times in each simulation of a magnet that is not axial; its numbers err by a few / sqrt(n_stays).
    seed : int
        Seed of that simulation.
    **declared
        Fields of `SmtjCard` that a magnet does not know: spreads, circuit, name.

    Returns
    -------
    SmtjCard

    Raises
    ------
    InputError
        If the barrier is too low for two states, or the unit is another.
    """
    if magnet.barrier_kT < BARRIER_MIN_kT:
        raise InputError(f"Barrier must be {BARRIER_MIN_kT:g} kT or more for a telegraph, not {magnet.barrier_kT:.3g}")
    reach = switching_drive(magnet, drive_unit)
    if magnet.is_axial:
        x, how = SLOPE_DRIVE, "exact"
        still, pushed = solve(magnet), solve(magnet, x)
    else:
        x, how = 0.5 / magnet.barrier_kT, f"simulated, {n_stays} dwell times"  # the mean is about tanh(1)
        still = measure(magnet, 0.0, drive_unit, n_stays, seed)
        pushed = measure(magnet, x * reach, drive_unit, n_stays, child_seed(seed, "pushed"))
    slope = np.log(pushed.share_up / (1.0 - pushed.share_up)) / (4.0 * magnet.barrier_kT * x)
    return SmtjCard(
        tau0_s=float(2.0 / still.rate_Hz * np.exp(-magnet.barrier_kT)),
        barrier_kT=magnet.barrier_kT,
        gain=float(slope / reach),
        drive_unit=drive_unit,
        drive_min=-float(reach),
        drive_max=float(reach),
        **({"name": "macrospin", "citation": f"macrospin, {how}"} | declared),
    )


def transfer_error(magnet, card, x_max=0.5, n_points=21):
    """Return how far a card is from the exact distribution of its axial magnet.

    Returns
    -------
    mean, log_rate : float
        Largest error of the mean state, and of the logarithm of the rate, over reduced drives up to ``x_max``.
    """
    reach = switching_drive(magnet, card.drive_unit)
    mean = log_rate = 0.0
    for field in np.linspace(-x_max, x_max, n_points):
        exact = solve(magnet, float(field))
        x = card.reduced_drive(field * reach)
        mean = max(mean, abs(float(card.mean(x)) - (2.0 * exact.share_up - 1.0)))
        log_rate = max(log_rate, abs(float(np.log(card.correlation_time_s(x) * exact.rate_Hz))))
    return mean, log_rate


def measure(magnet, drive, drive_unit="T", n_stays=2000, seed=0):
    """Measure the two states of a magnet under a constant drive in a simulation of 256 junctions.

    The rate is that of the correlation between one and two correlation times' thirds, where only the slowest mode is
    left; errors come from the spread over the junctions.

    Parameters
    ----------
    magnet, drive_unit, seed : see `telegraph_card`
    drive : float
        Field or current along the easy axis [drive unit].
    n_stays : int
        Correlation times to be seen by all junctions together.

    Returns
    -------
    MeasuredTelegraph
    """
    reach = switching_drive(magnet, drive_unit)
    along = np.eye(3)[magnet.easy_axis]
    push = {"torque_T": magnet.torque_T(drive) * along} if drive_unit == "A" else {"field_T": drive * along}
    sides = np.where(np.arange(N_JUNCTIONS) % 2, 1.0, -1.0)[:, None]
    ensemble = MacrospinEnsemble(magnet, N_JUNCTIONS, seed, initial=sides * along, **push)
    n_steps = _steps_per_correlation(ensemble)
    every = max(1, n_steps // (3 * LAG))
    n_records = 2 * LAG + max(6 * LAG, ceil(n_stays / N_JUNCTIONS * 3 * LAG))
    states = np.where(ensemble.record(n_records, every) > -drive / reach, 1.0, -1.0)
    return _telegraph_of(states, LAG, every * ensemble.step_s)


def switching_drive(magnet, drive_unit):
    """Return the drive at which one of both wells vanishes [drive unit].

    Raises
    ------
    InputError
        If the unit is neither "T" nor "A", or no current has any effect.
    """
    if drive_unit == "T":
        return magnet.switching_field_T
    if drive_unit != "A":
        raise InputError(f"Drive unit must be 'T' or 'A' for a macrospin, not {drive_unit!r}")
    if magnet.polarisation == 0:
        raise InputError("Polarisation must be above 0 for a drive by current, not 0")
    return magnet.switching_torque_T / float(magnet.torque_T(1.0))


def _steps_per_correlation(ensemble):
    """Run until every junction has flipped about three times; return the steps of 1 / (rate up + rate down)."""
    portion = 500
    while True:
        seconds, flips = ensemble.watch(portion)
        counts = flips.sum(axis=0)
        if counts.min() >= BURN_IN_STAYS * N_JUNCTIONS:
            dwell_s = seconds.sum(axis=0) / counts
            return max(1, round(1.0 / (1.0 / dwell_s).sum() / ensemble.step_s))
        portion *= 2


def _telegraph_of(states, lag, span_s):
    """Return rate and share of recorded states -1 and +1, shape (n_records, n_junctions), with jackknife errors."""
    count = states.shape[1]
    mean = states.mean(axis=0)
    near = (states[lag:] * states[:-lag]).mean(axis=0)
    far = (states[2 * lag :] * states[: -2 * lag]).mean(axis=0)

    def answer(total):
        middle, first, second = total
        return np.stack([np.log((first - middle**2) / (second - middle**2)) / (lag * span_s), (1.0 + middle) / 2.0])

    each = np.stack([mean, near, far])
    rate, share = answer(each.mean(axis=1))
    left_out = answer((each.sum(axis=1, keepdims=True) - each) / (count - 1))
    errors = np.sqrt((count - 1) * left_out.var(axis=1))
    return MeasuredTelegraph(float(rate), float(errors[0]), float(share), float(errors[1]))
