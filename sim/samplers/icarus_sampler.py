"""The Icarus backend: the generated RTL itself draws the samples."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from ..cosim.icarus import build, play
from .script_sampler import ScriptSampler


class IcarusSampler(ScriptSampler):
    """Sampler protocol over the RTL under Icarus, driven by cocotb.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    folder : path, optional
        Working folder, kept; a temporary one if absent.
    """

    name = "icarus"

    def __init__(self, options=None, folder=None):
        super().__init__(options)
        self._folder = Path(folder or tempfile.mkdtemp(prefix="spinchip-icarus-"))
        if not folder:
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def prepare(self, spec):
        """Compile the design; it stays in the working folder."""
        build(spec, self._folder)

    def play(self, spec, script, watchdog_cycles):
        """Return the words that a script reads; see `ScriptSampler.play`."""
        return [int(word, 16) for word in play(build(spec, self._folder), script, watchdog_cycles)]
