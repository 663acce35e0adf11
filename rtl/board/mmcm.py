"""The design's clock on a Xilinx 7-series FPGA, by its mixed-mode clock manager."""

from __future__ import annotations

from amaranth.hdl import ClockSignal, Const, Elaboratable, Instance, Module, Signal
from amaranth.lib.cdc import ResetSynchronizer

from .pll import board_inputs


class Xilinx7Clock(Elaboratable):
    """Drives its parent's domain ``sync`` from an MMCME2_BASE, in reset until it has locked.

    Vivado derives the constraint of the output from that of the oscillator, so none is written here.

    Parameters
    ----------
    settings : PllSettings
        Dividers: DIVCLK_DIVIDE, CLKFBOUT_MULT_F and CLKOUT0_DIVIDE_F, as whole numbers.
    """

    is_reset_less = False

    def __init__(self, settings):
        self._settings = settings

    def elaborate(self, platform):
        m = Module()
        settings = self._settings
        reference, reset = board_inputs(m, platform)
        loop = Signal()
        unbuffered = Signal()
        clock = Signal()
        locked = Signal()
        m.submodules.mmcm = Instance(
            "MMCME2_BASE",
            p_CLKIN1_PERIOD=1e9 / settings.reference_Hz,
            p_DIVCLK_DIVIDE=settings.reference_divider,
            p_CLKFBOUT_MULT_F=float(settings.multiplier),
            p_CLKOUT0_DIVIDE_F=float(settings.output_divider),
            i_CLKIN1=reference,
            i_CLKFBIN=loop,
            i_PWRDWN=Const(0),
            i_RST=reset,
            o_CLKFBOUT=loop,
            o_CLKOUT0=unbuffered,
            o_LOCKED=locked,
        )
        m.submodules.buffer = Instance("BUFG", i_I=unbuffered, o_O=clock)
        m.d.comb += ClockSignal("sync").eq(clock)
        m.submodules += ResetSynchronizer(~locked, domain="sync")
        return m
