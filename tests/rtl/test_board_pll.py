"""Clocks from a PLL: the best dividers inside the data sheet's ranges, and what the gateware is told."""

import importlib.util
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Fragment, Module

from spinchip.emulator.spec.errors import InputError
from spinchip.rtl.board.pll import RANGES, Ecp5Clock, Ice40Clock, PllSettings, filter_range, pll_settings
from spinchip.rtl.link.uart import divisor_for
from spinchip.sim.fpga.boards import board_kind

WANTED = [("ecp5", 25_000_000, 80e6), ("ecp5", 100_000_000, 74.25e6), ("ice40", 12_000_000, 34.4e6)]
WANTED += [("xilinx7", 100_000_000, 77.7e6)]
needs_boards = pytest.mark.skipif(not importlib.util.find_spec("amaranth_boards"), reason="extra fpga")


@pytest.mark.parametrize(("family", "oscillator_Hz", "wanted_Hz"), WANTED)
def test_no_setting_comes_closer(family, oscillator_Hz, wanted_Hz):
    """Against every product of dividers, with the ranges written out once more."""
    limits = RANGES[family]
    best = Fraction(0)
    for divider, multiplier in product(limits.reference_dividers, limits.multipliers):
        detector = Fraction(oscillator_Hz, divider)
        vco = detector * multiplier
        if limits.detector_Hz[0] <= detector <= limits.detector_Hz[1] and limits.vco_Hz[0] <= vco <= limits.vco_Hz[1]:
            best = max([best, *(vco / k for k in limits.output_dividers if vco / k <= wanted_Hz)])
    found = pll_settings(family, oscillator_Hz, wanted_Hz)
    assert found.output_Hz == best
    assert limits.vco_Hz[0] <= found.vco_Hz <= limits.vco_Hz[1]
    assert limits.detector_Hz[0] <= found.detector_Hz <= limits.detector_Hz[1]


def test_settings_equal_those_of_icepll():
    # `icepll -i 12 -o 30` prints DIVR 0, DIVF 79, DIVQ 5, FILTER_RANGE 1.
    assert pll_settings("ice40", 12_000_000, 30e6) == PllSettings(12_000_000, 1, 80, 32)
    assert filter_range(12e6) == 1


@pytest.mark.fpga
@pytest.mark.parametrize(
    ("tool", "oscillator", "wanted"), [("ecppll", 100, 80), ("ecppll", 25, 62.5), ("icepll", 12, 34)]
)
def test_lattice_calculators_come_no_closer(tool, oscillator, wanted):
    program = shutil.which(f"yowasp-{tool}", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("extra fpga")
    command = [program, "-i", str(oscillator), "-o", str(wanted)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = float(re.search(r"(?:clkout0 frequency: |F_PLLOUT: +)([\d.]+)(?: MHz\n| MHz \(achieved\))", text)[1])
    ours = pll_settings({"ecppll": "ecp5", "icepll": "ice40"}[tool], oscillator * 10**6, wanted * 1e6)
    assert wanted * 1e6 >= ours.output_Hz
    assert theirs > wanted or ours.output_Hz >= theirs * 1e6 - 5e2  # they print kilohertz


@pytest.mark.parametrize(
    ("family", "oscillator_Hz", "wanted_Hz", "words"),
    [
        ("ecp5", 25_000_000, 500e6, r"Clock from a PLL of ECP5 must be 3\.125\.\.\.400 MHz, not 500"),
        ("ice40", 12_000_000, 12.5e6, r"Clock from a PLL of iCE40 must be 16\.\.\.275 MHz, not 12\.5"),
        ("ice40", 8_000_000, 30e6, r"Oscillator of a PLL of iCE40 must be 10\.\.\.133 MHz, not 8"),
    ],
)
def test_clock_out_of_range_is_refused(family, oscillator_Hz, wanted_Hz, words):
    with pytest.raises(InputError, match=f"^{words}$"):
        pll_settings(family, oscillator_Hz, wanted_Hz)


def test_baud_rate_that_the_clock_cannot_make_is_refused():
    assert divisor_for(12e6, 1_000_000) == 12
    assert divisor_for(80e6, 921_600) == 87
    with pytest.raises(InputError, match=r"^Baud rate must be within 2% of 10 MHz over a whole number, not 1800000"):
        divisor_for(10e6, 1_800_000)


def rtlil_of(clock, platform):
    """Return the RTLIL of a clock below a parent that holds the domain."""
    m = Module()
    m.domains.sync = ClockDomain(reset_less=clock.is_reset_less)
    m.submodules.clock = clock
    return rtlil.convert_fragment(Fragment.get(m, platform).prepare(), name="top")[0]


def instance_of(text, cell):
    """Return the parameters and attributes of a cell in RTLIL text, as a dict of strings."""
    body = re.search(rf"cell \\{cell} .*?\n(.*?)\n\s*end\n", text, re.S)[1]
    return dict(
        re.findall(r"(?:parameter|attribute)(?: signed)? \\(\w+) (\S+)", text[: text.find(body)][-2000:] + body)
    )


@needs_boards
def test_ecp5_gets_its_dividers():
    platform = board_kind("ecpix5_85f").new_platform()
    settings = pll_settings("ecp5", 100_000_000, 80e6)
    constraints = []
    platform.add_clock_constraint = lambda signal, hz: constraints.append((signal, hz))
    clock = Ecp5Clock(settings)
    text = rtlil_of(clock, platform)
    found = instance_of(text, "EHXPLLL")
    assert int(found["CLKI_DIV"]) == settings.reference_divider
    assert int(found["CLKOP_DIV"]) * int(found["CLKFB_DIV"]) == settings.multiplier
    assert int(found["CLKOS_DIV"]) == settings.output_divider
    assert [hz for _, hz in constraints] == [100e6, 80e6]  # of the oscillator and of the design


@needs_boards
@pytest.mark.parametrize(("board", "cell"), [("icebreaker", "SB_PLL40_PAD"), ("ice40_hx8k_b_evn", "SB_PLL40_CORE")])
def test_ice40_gets_its_dividers(board, cell):
    kind = board_kind(board)
    platform = kind.new_platform()
    clock = Ice40Clock(pll_settings("ice40", 12_000_000, 30e6), kind.clock_at_pll)
    text = rtlil_of(clock, platform)
    found = instance_of(text, cell)
    assert [found[name] for name in ("DIVR", "DIVF", "DIVQ", "FILTER_RANGE")] == [
        "4'0000",
        "7'1001111",
        "3'101",
        "3'001",
    ]
