"""The boards that `spinchip build` knows, by their names in `amaranth-boards`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from ...emulator.spec.errors import InputError, ToolError
from ..tools.synthesis import FPGA_HINT

XILINX = "xilinx7"  # its tools are not free: a project is written for them instead of a bitstream


@dataclass(frozen=True)
class BoardKind:
    """A board and what the tools need to know about it.

    Parameters
    ----------
    module, platform : str
        Module of `amaranth_boards` and its platform class.
    family : {"ecp5", "ice40", "gowin", "xilinx7"}
        Which tools build for it.
    uart : tuple of str, optional
        Receive and transmit pin in the board's connector ``io``, where the board itself has no serial port.
    clock_at_pll : bool
        Whether the oscillator is wired to the pad of an iCE40 PLL, which then must be told so.
    """

    module: str
    platform: str
    family: str
    uart: tuple[str, str] | None = None
    clock_at_pll: bool = False

    def new_platform(self):
        """Return a fresh platform object, which serves for one build.

        Raises
        ------
        ToolError
            If amaranth-boards is missing.
        """
        try:
            module = importlib.import_module(f"amaranth_boards.{self.module}")
        except ImportError as error:
            raise ToolError(f"amaranth-boards is missing ({error.name}); {FPGA_HINT}") from None
        platform = getattr(module, self.platform)()
        if self.uart:
            resources = importlib.import_module("amaranth_boards.resources")
            build = importlib.import_module("amaranth.build")
            rx, tx = self.uart
            attributes = build.Attrs(IO_TYPE="LVCMOS33")
            platform.add_resources([resources.UARTResource(0, rx=rx, tx=tx, conn=("io", 0), attrs=attributes)])
        return platform


BOARDS = {
    **{f"ulx3s_{size}": BoardKind("ulx3s", f"ULX3S_{size.upper()}_Platform", "ecp5") for size in ("12f", "25f", "45f")},
    "ulx3s_85f": BoardKind("ulx3s", "ULX3S_85F_Platform", "ecp5"),
    "ecpix5_45f": BoardKind("ecpix5", "ECPIX545Platform", "ecp5"),
    "ecpix5_85f": BoardKind("ecpix5", "ECPIX585Platform", "ecp5"),
    "orangecrab_r0_2_25f": BoardKind("orangecrab_r0_2", "OrangeCrabR0_2_25FPlatform", "ecp5", ("0", "1")),
    "orangecrab_r0_2_85f": BoardKind("orangecrab_r0_2", "OrangeCrabR0_2_85FPlatform", "ecp5", ("0", "1")),
    "colorlight_5a75b_r7_0": BoardKind("colorlight_5a75b_r7_0", "Colorlight_5A75B_R70Platform", "ecp5"),
    "icebreaker": BoardKind("icebreaker", "ICEBreakerPlatform", "ice40", clock_at_pll=True),
    "ice40_hx8k_b_evn": BoardKind("ice40_hx8k_b_evn", "ICE40HX8KBEVNPlatform", "ice40"),
    "tang_nano_9k": BoardKind("tang_nano_9k", "TangNano9kPlatform", "gowin"),
    **{f"arty_a7_{size}t": BoardKind("arty_a7", f"ArtyA7_{size}Platform", XILINX) for size in ("35", "100")},
    **{f"arty_s7_{size}": BoardKind("arty_s7", f"ArtyS7_{size}Platform", XILINX) for size in ("25", "50")},
    **{f"cmod_a7_{size}t": BoardKind("cmod_a7", f"CmodA7_{size}Platform", XILINX) for size in ("15", "35")},
    "nexys4ddr": BoardKind("nexys4ddr", "Nexys4DDRPlatform", XILINX),
}


def board_kind(name):
    """Return the board of a name.

    Raises
    ------
    InputError
        If no board has it; the text lists those that there are.
    """
    if name not in BOARDS:
        raise InputError(f"Board must be one of {', '.join(BOARDS)}, not {name!r}")
    return BOARDS[name]
