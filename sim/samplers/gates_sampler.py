"""The gates backend: the synthesised netlist draws the samples."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from ...emulator.spec.errors import ToolError
from ..cosim.gates import build_gates
from ..cosim.icarus import play
from .script_sampler import ScriptSampler


class GatesSampler(ScriptSampler):
    """Sampler protocol over the iCE40 netlist under Icarus; for small designs.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    folder : path, optional
        Working folder, kept; a temporary one if absent.
    """

    name = "gates"

    def __init__(self, options=None, folder=None):
        super().__init__(options)
        self._folder = Path(folder or tempfile.mkdtemp(prefix="spinchip-gates-"))
        if not folder:
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def prepare(self, spec):
        """Synthesise and compile the design; it stays in the working folder."""
        build_gates(spec, self._folder)

    def play(self, spec, script, watchdog_cycles):
        """Return the words that a script reads; see `ScriptSampler.play`."""
        words = play(build_gates(spec, self._folder), script, watchdog_cycles, under_cocotb=False)
        unknown = [word for word in words if not set(word) <= set("0123456789abcdef")]
        if unknown:
            raise ToolError(f"Netlist must give numbers, not {unknown[0]!r}: a register has no first value")
        return [int(word, 16) for word in words]
