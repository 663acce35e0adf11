"""The card of a junction of which a single trace is known: dwell times at one drive; the rest is assumed and noted."""

from __future__ import annotations

from math import atanh, exp, log

from ...emulator.devices.junction.card import SmtjCard

ASSUMED_BARRIER_kT = 10.0  # that of the nominal junction; see `NOMINAL` of emulator/pbits
UNKNOWN = (
    "the barrier (10 kT assumed; the attempt time follows from it and the measured dwell times)",
    "how dwell times depend on the drive (gain 1 per unit assumed; drive 0 is that of the trace)",
    "spreads between junctions and read-out (none assumed)",
)


def card_of_trace(estimates, unit, name, source):
    r"""Return a card whose dwell times without drive are those of a trace; the high level is +1.

    With barrier Delta and exponent 2 the dwell times determine x_0 and tau_0, and nothing else:

    .. math:: \tanh 2 \Delta x_0 = \frac{\tau_+ - \tau_-}{\tau_+ + \tau_-}, \qquad
              \tau_0 = \tau_+ \exp(-\Delta (1 + x_0)^2)

    Parameters
    ----------
    estimates : dict of str to float
        With ``dwell_high_s`` and ``dwell_low_s`` [s].
    unit : str
        Unit of the samples; in the card's citation only.
    name, source : str
        Name of the card, and which fit of which file it comes from.

    Returns
    -------
    SmtjCard
        With ``unknown``, what a single trace does not tell.
    """
    up_s, down_s = estimates["dwell_high_s"], estimates["dwell_low_s"]
    x0 = atanh((up_s - down_s) / (up_s + down_s)) / (2.0 * ASSUMED_BARRIER_kT)
    return SmtjCard(
        tau0_s=exp(log(up_s) - ASSUMED_BARRIER_kT * (1.0 + x0) ** 2),
        barrier_kT=ASSUMED_BARRIER_kT,
        gain=1.0,
        offset=-x0,
        name=name,
        citation=(
            f"mean dwell times of {up_s:.4g} s high and {down_s:.4g} s low measured at one drive ({source}, in {unit})"
        ),
        unknown=UNKNOWN,
    )
