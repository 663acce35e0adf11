"""The design's clock from a board's oscillator by the PLL of its FPGA: dividers, ranges, and the clock domain."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from amaranth.hdl import ClockDomain, ClockSignal, Const, Elaboratable, Instance, Module, ResetSignal, Signal
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer, ResetSynchronizer

from ...emulator.spec.errors import InputError

RESET_S = 15e-6  # iCE40 block RAM reads zeros for some 3 us after configuration; amaranth's own margin of five


@dataclass(frozen=True)
class PllRanges:
    """What a PLL can do, from its data sheet.

    Parameters
    ----------
    name : str
        Family, as errors call it.
    reference_Hz, detector_Hz, vco_Hz, output_Hz : tuple of float
        Least and greatest frequency of input, phase detector, oscillator and output [Hz].
    reference_dividers, multipliers, output_dividers : tuple of int
        Values that its three dividers take, ascending.
    """

    name: str
    reference_Hz: tuple[float, float]
    detector_Hz: tuple[float, float]
    vco_Hz: tuple[float, float]
    output_Hz: tuple[float, float]
    reference_dividers: tuple[int, ...]
    multipliers: tuple[int, ...]
    output_dividers: tuple[int, ...]


RANGES = {
    # Source: Lattice FPGA-DS-02012 (ECP5), table "sysCLOCK PLL timing"; divider values, FPGA-TN-02200.
    "ecp5": PllRanges(
        "ECP5",
        reference_Hz=(8e6, 400e6),
        detector_Hz=(10e6, 400e6),
        vco_Hz=(400e6, 800e6),
        output_Hz=(3.125e6, 400e6),
        reference_dividers=tuple(range(1, 129)),
        multipliers=tuple(range(1, 129)),
        output_dividers=tuple(range(1, 129)),
    ),
    # Source: Lattice FPGA-DS-02029 (iCE40 LP/HX) and FPGA-DS-02008 (iCE40 UltraPlus), table "sysCLOCK PLL timing";
    # DIVR + 1, DIVF + 1 and 2**DIVQ with simple feedback, FPGA-TN-02052.
    "ice40": PllRanges(
        "iCE40",
        reference_Hz=(10e6, 133e6),
        detector_Hz=(10e6, 133e6),
        vco_Hz=(533e6, 1066e6),
        output_Hz=(16e6, 275e6),
        reference_dividers=tuple(range(1, 17)),
        multipliers=tuple(range(1, 129)),
        output_dividers=tuple(2**k for k in range(1, 7)),
    ),
    # Source: AMD DS181 (Artix-7), table "MMCM specification", speed grade -1, the slowest; dividers, UG472. Fractional
    # ones are left out.
    "xilinx7": PllRanges(
        "7-series",
        reference_Hz=(10e6, 800e6),
        detector_Hz=(10e6, 450e6),
        vco_Hz=(600e6, 1200e6),
        output_Hz=(4.69e6, 464e6),
        reference_dividers=tuple(range(1, 107)),
        multipliers=tuple(range(2, 65)),
        output_dividers=tuple(range(1, 129)),
    ),
}
# Highest frequency of the phase detector for FILTER_RANGE 1 ... 6 of iCE40. Source: FPGA-TN-02052, as in icepll.
FILTER_LIMITS_HZ = (17e6, 26e6, 44e6, 66e6, 101e6, 133e6)


@dataclass(frozen=True)
class PllSettings:
    """Dividers of a PLL: output = reference / reference_divider x multiplier / output_divider.

    Parameters
    ----------
    reference_Hz : int
        The board's oscillator [Hz].
    reference_divider, multiplier, output_divider : int
        Same meaning as in `PllRanges`.
    """

    reference_Hz: int
    reference_divider: int
    multiplier: int
    output_divider: int

    @property
    def detector_Hz(self):
        """Frequency at which the phases are compared [Hz]; Fraction."""
        return Fraction(self.reference_Hz, self.reference_divider)

    @property
    def vco_Hz(self):
        """Frequency of the oscillator [Hz]; Fraction."""
        return self.detector_Hz * self.multiplier

    @property
    def output_Hz(self):
        """Frequency of the design's clock [Hz]; Fraction."""
        return self.vco_Hz / self.output_divider


def pll_settings(family, reference_Hz, clock_Hz):
    """Return the settings whose output comes closest to a clock without being faster.

    Of equals the one with the fastest phase detector, and then the fastest oscillator, has the least jitter.

    Parameters
    ----------
    family : {"ecp5", "ice40", "xilinx7"}
        FPGA family of the PLL.
    reference_Hz : int
        The board's oscillator [Hz].
    clock_Hz : float
        Clock frequency that is wanted [Hz].

    Returns
    -------
    PllSettings

    Raises
    ------
    InputError
        If the PLL cannot take this oscillator, or cannot make such a clock.
    """
    ranges = RANGES[family]
    low, high = ranges.reference_Hz
    if not low <= reference_Hz <= high:
        raise InputError(f"Oscillator of a PLL of {ranges.name} must be {_mhz(low, high)}, not {reference_Hz / 1e6:g}")
    low, high = ranges.output_Hz
    candidates = []
    if low <= clock_Hz <= high:
        candidates = [found for found in _all_settings(ranges, reference_Hz) if found.output_Hz <= clock_Hz]
    if not candidates:
        raise InputError(f"Clock from a PLL of {ranges.name} must be {_mhz(low, high)}, not {clock_Hz / 1e6:g}")
    return max(candidates, key=lambda found: (found.output_Hz, found.detector_Hz, found.vco_Hz))


def _all_settings(ranges, reference_Hz):
    """Yield every setting that keeps all ranges."""
    for divider in ranges.reference_dividers:
        detector = Fraction(reference_Hz, divider)
        if not ranges.detector_Hz[0] <= detector <= ranges.detector_Hz[1]:
            continue
        for multiplier in ranges.multipliers:
            if not ranges.vco_Hz[0] <= detector * multiplier <= ranges.vco_Hz[1]:
                continue
            for output in ranges.output_dividers:
                if ranges.output_Hz[0] <= detector * multiplier / output <= ranges.output_Hz[1]:
                    yield PllSettings(reference_Hz, divider, multiplier, output)


def _mhz(low, high):
    return f"{low / 1e6:g}...{high / 1e6:g} MHz"


class Ecp5Clock(Elaboratable):
    """Drives its parent's domain ``sync`` from an EHXPLLL; the design rests in its first state until it has locked.

    Parameters
    ----------
    settings : PllSettings
        Dividers. The primary output closes the loop at the detector's frequency, the secondary one is the clock, so
        that its divider is free.
    """

    is_reset_less = True  # of the domain: the global set/reset does it

    def __init__(self, settings):
        self._settings = settings

    def elaborate(self, platform):
        m = Module()
        settings = self._settings
        reference, reset = board_inputs(m, platform)
        clock = Signal(name="pll_clock", attrs={"keep": "TRUE"})
        loop = Signal()
        locked = Signal()
        m.submodules.pll = Instance(
            "EHXPLLL",
            a_FREQUENCY_PIN_CLKI=str(settings.reference_Hz / 1e6),
            a_ICP_CURRENT="12",  # loop filter as ecppll sets it for every frequency
            a_LPF_RESISTOR="8",
            a_MFG_ENABLE_FILTEROPAMP="1",
            a_MFG_GMCREF_SEL="2",
            p_PLLRST_ENA="DISABLED",
            p_INTFB_WAKE="DISABLED",
            p_STDBY_ENABLE="DISABLED",
            p_DPHASE_SOURCE="DISABLED",
            p_FEEDBK_PATH="CLKOP",
            p_CLKI_DIV=settings.reference_divider,
            p_CLKFB_DIV=1,
            p_OUTDIVIDER_MUXA="DIVA",
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_DIV=settings.multiplier,
            p_CLKOP_CPHASE=settings.multiplier - 1,
            p_CLKOP_FPHASE=0,
            p_OUTDIVIDER_MUXB="DIVB",
            p_CLKOS_ENABLE="ENABLED",
            p_CLKOS_DIV=settings.output_divider,
            p_CLKOS_CPHASE=settings.output_divider - 1,
            p_CLKOS_FPHASE=0,
            **{f"i_{pin}": Const(0) for pin in ("RST", "STDBY", "PHASESEL0", "PHASESEL1", "PLLWAKESYNC", "ENCLKOP")},
            **{f"i_{pin}": Const(1) for pin in ("PHASEDIR", "PHASESTEP", "PHASELOADREG")},
            i_CLKI=reference,
            i_CLKFB=loop,
            o_CLKOP=loop,
            o_CLKOS=clock,
            o_LOCK=locked,
        )
        # As amaranth does for a board's own clock: the global set/reset, let go in step with the clock, holds every
        # flip-flop, so that the domain itself needs no reset.
        steps = [Signal(name=f"released_{k}") for k in range(2)]
        data = locked & ~reset
        for k, step in enumerate(steps):
            m.submodules += Instance("FD1S3AX", p_GSR="DISABLED", i_CK=clock, i_D=data, o_Q=step)
            data = steps[k]
        m.submodules += Instance("SGSR", i_CLK=clock, i_GSR=steps[-1])
        m.d.comb += ClockSignal("sync").eq(clock)
        platform.add_clock_constraint(clock, float(settings.output_Hz))
        return m


class Ice40Clock(Elaboratable):
    """Drives its parent's domain ``sync`` from an SB_PLL40, in reset until it has locked and block RAM is awake.

    Parameters
    ----------
    settings : PllSettings
        Dividers.
    from_pad : bool
        Whether the oscillator's pin is the PLL's own pad: then nothing else can read it.
    """

    is_reset_less = False

    def __init__(self, settings, from_pad):
        self._settings = settings
        self._from_pad = from_pad

    def elaborate(self, platform):
        m = Module()
        settings = self._settings
        clock = Signal(name="pll_clock", attrs={"keep": "TRUE"})
        locked = Signal()
        running = Signal()
        if self._from_pad:
            port = platform.request(platform.default_clk, dir="-")
            kind, source = "SB_PLL40_PAD", {"io_PACKAGEPIN": port.io}
            reset = _board_reset(m, platform)
        else:
            reference, reset = board_inputs(m, platform)
            kind, source = "SB_PLL40_CORE", {"i_REFERENCECLK": reference}
        m.submodules.pll = Instance(
            kind,
            p_FEEDBACK_PATH="SIMPLE",
            p_DIVR=Const(settings.reference_divider - 1, 4),
            p_DIVF=Const(settings.multiplier - 1, 7),
            p_DIVQ=Const(settings.output_divider.bit_length() - 1, 3),
            p_FILTER_RANGE=Const(filter_range(settings.detector_Hz), 3),
            **source,
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=clock,
            o_LOCK=locked,
        )
        m.domains.awake = ClockDomain(reset_less=True, local=True)
        m.d.comb += ClockSignal("awake").eq(clock)
        m.submodules += FFSynchronizer(locked, running, o_domain="awake")
        wait = int(RESET_S * settings.output_Hz)
        timer = Signal(range(wait + 1))
        ready = Signal()
        with m.If(~running):
            m.d.awake += [timer.eq(0), ready.eq(0)]
        with m.Elif(timer == wait):
            m.d.awake += ready.eq(1)
        with m.Else():
            m.d.awake += timer.eq(timer + 1)
        m.d.comb += ClockSignal("sync").eq(clock)
        if platform.default_rst is None:
            m.d.comb += ResetSignal("sync").eq(~ready)
        else:
            m.submodules += ResetSynchronizer(~ready | reset, domain="sync")
        platform.add_clock_constraint(clock, float(settings.output_Hz))
        return m


def filter_range(detector_Hz):
    """Return FILTER_RANGE for a frequency of the phase detector [Hz].

    >>> filter_range(12e6), filter_range(25e6)
    (1, 2)
    """
    return next(k for k, limit in enumerate(FILTER_LIMITS_HZ, 1) if detector_Hz <= limit)


def board_inputs(m, platform):
    """Return the board's oscillator and its reset, behind their buffers."""
    m.submodules.reference = buffer = io.Buffer("i", platform.request(platform.default_clk, dir="-"))
    return buffer.i, _board_reset(m, platform)


def _board_reset(m, platform):
    if platform.default_rst is None:
        return Const(0)
    m.submodules.reset = buffer = io.Buffer("i", platform.request(platform.default_rst, dir="-"))
    return buffer.i
