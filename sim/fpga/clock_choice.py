"""The clock of a bitstream: the board's oscillator, a frequency from the PLL, or the fastest that is reached."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from amaranth.hdl import Elaboratable

from ...emulator.spec.errors import InputError
from ...rtl.board.mmcm import Xilinx7Clock
from ...rtl.board.pll import RANGES, Ecp5Clock, Ice40Clock, pll_settings

FASTEST = "max"
# What the first build of a search is held to: above what a p-computer reaches there, so that placing does its best.
AIM_HZ = {"ecp5": 120e6, "ice40": 60e6, "gowin": 60e6}
MOST_BUILDS = 5


@dataclass(frozen=True)
class BoardClock:
    """Where a design gets its clock.

    Parameters
    ----------
    frequency_Hz : float
        Its frequency [Hz].
    domain : Elaboratable, optional
        What makes it; the platform does where absent.
    """

    frequency_Hz: float
    domain: Elaboratable | None = None

    def folder_name(self, board, spec):
        """Return the name of the folder of a fabric's build for a board; a clock from a PLL stands in it."""
        made = f"-{self.frequency_Hz / 1e6:.6g}MHz" if self.domain else ""
        return f"{board}-{spec.design_id:016x}{made}".replace(".", "_")


def board_clock(kind, platform, wanted_Hz=None):
    """Return the clock for a board.

    Parameters
    ----------
    kind : BoardKind
        The board.
    platform : object
        Its amaranth platform.
    wanted_Hz : float, optional
        Frequency; the nearest one below is made. The board's own if absent.

    Returns
    -------
    BoardClock

    Raises
    ------
    InputError
        If the PLL cannot make such a clock.
    """
    own_Hz = platform.default_clk_frequency
    if wanted_Hz is None or wanted_Hz == own_Hz:
        return BoardClock(own_Hz)
    if kind.family not in RANGES:
        raise InputError(f"Clock of {kind.platform} must be its own {own_Hz / 1e6:g} MHz, not {wanted_Hz / 1e6:g}")
    settings = pll_settings(kind.family, round(own_Hz), wanted_Hz)
    domains = {"ecp5": Ecp5Clock, "xilinx7": Xilinx7Clock, "ice40": partial(Ice40Clock, from_pad=kind.clock_at_pll)}
    return BoardClock(float(settings.output_Hz), domains[kind.family](settings))


def parsed_clock(text):
    """Return the frequency [Hz] that the option names, `FASTEST`, or None for the board's own.

    >>> parsed_clock("62.5"), parsed_clock("max"), parsed_clock(None)
    (62500000.0, 'max', None)
    """
    if text is None or text == FASTEST:
        return text
    try:
        frequency_Hz = float(text) * 1e6
    except ValueError:
        frequency_Hz = 0.0
    if not 0 < frequency_Hz < 1e12:
        raise InputError(f"Clock must be a frequency in MHz or {FASTEST}, not {text!r}")
    return frequency_Hz


def build_fastest(build, family, say):
    """Build with the fastest clock that is met.

    The first build is held to a clock that it will miss; each next one to the frequency that the last one reached,
    until one meets its own.

    Parameters
    ----------
    build : callable
        Takes a clock [Hz], or None for the board's own; returns a result with ``timing_met`` and ``fmax_mhz``.
    family : str
        FPGA family of the board.
    say : callable
        Told in one line what was missed before the next try.

    Returns
    -------
    dict
        The result of the build that met its clock; if none did, that with the board's own.
    """
    wanted_Hz = AIM_HZ[family]
    for _ in range(MOST_BUILDS):
        try:
            result = build(wanted_Hz)
        except InputError:
            if wanted_Hz == AIM_HZ[family]:
                raise
            break  # slower than the PLL goes
        if result["timing_met"]:
            return result
        say(f"{result['clock_mhz']:.4g} MHz is missed; trying {result['fmax_mhz']:.4g} MHz, which was reached")
        wanted_Hz = min(result["fmax_mhz"], 0.99 * result["clock_mhz"]) * 1e6
    return build(None)
