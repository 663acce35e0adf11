"""A p-computer on a board: bitstream or Vivado project, folded until it fits, at the clock that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import FabricOptions
from ...emulator.spec.files.atomic_write import check_folder
from ..fpga.boards import XILINX, board_kind
from ..fpga.clock_choice import FASTEST, parsed_clock
from ..fpga.folding import MOST_COLORS, DoesNotFitError, build_folded


@dataclass(frozen=True)
class BoardBuild:
    """How a design is built for a board.

    Parameters
    ----------
    board : str
        A name of `sim.fpga.boards.BOARDS`.
    out : path
        Folder of the result.
    baud : int
        Speed of the serial port [bit/s].
    clock : float or str, optional
        In MHz, or "max"; the board's own if absent.
    seed : int
        Starting point of place and route.
    say : callable, optional
        Told in one line what was tried and did not do.
    """

    board: str
    out: object
    baud: int = 1_000_000
    clock: object = None
    seed: int = 0
    say: object = None

    def maker(self):
        """Return what builds a fabric; refuses board, clock and folder before anything is read."""
        kind, wanted_Hz = board_kind(self.board), parsed_clock(None if self.clock is None else str(self.clock))
        check_folder(self.out)
        if kind.family == XILINX and wanted_Hz == FASTEST:
            rule = "a frequency in MHz, not max: only Vivado can place it"
            raise InputError(f"Clock of a Vivado project must be {rule}")
        from ..fpga.bitstream import build_bitstream
        from ..fpga.clock_choice import build_fastest
        from ..fpga.vivado import write_project

        def at(spec, clock_Hz):
            return build_bitstream(spec, self.board, self.out, self.baud, self.seed, clock_Hz)

        if kind.family == XILINX:
            return lambda spec: write_project(spec, self.board, self.out, self.baud, wanted_Hz)
        if wanted_Hz != FASTEST:
            return lambda spec: at(spec, wanted_Hz)
        return lambda spec: build_fastest(lambda hz: at(spec, hz), kind.family, self.said)

    def said(self, line):
        """Hand a line on, if anybody listens."""
        if self.say is not None:
            self.say(line)

    def run(self, make, model, fabric=None):
        """Build the fabric of an instance with what `maker` returned; see `sim.front_door.hardware.build`."""
        chosen = fabric or FabricOptions()
        try:
            return build_folded(model, chosen, make, self.said)
        except DoesNotFitError as error:
            raise InputError(f"{error}; {_cure(chosen)}") from None


def _cure(chosen):
    """Return what to do about an instance that does not fit."""
    if chosen.n_colors is not None and 2 * chosen.n_colors <= MOST_COLORS:
        return f"more colours share more hardware: --fabric colors={2 * chosen.n_colors}"
    return f"up to {MOST_COLORS} colours do not help: take a larger board or fewer p-bits"
