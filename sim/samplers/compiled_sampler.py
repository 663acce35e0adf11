"""The fast backend: the generated RTL, compiled, draws the samples."""

from __future__ import annotations

from ..cosim.compiled import CompiledMachine, build
from .script_sampler import ScriptSampler


class FastSampler(ScriptSampler):
    """Sampler protocol over the RTL translated by CXXRTL and compiled by the system's C++ compiler.

    Parameters
    ----------
    options : FabricOptions, optional
        Word formats, random source and the like; chosen from the instance where absent.
    folder : path, optional
        Where compiled designs are kept; the user's cache folder if absent.
    """

    name = "fast"

    def __init__(self, options=None, folder=None):
        super().__init__(options)
        self._folder = folder

    def prepare(self, spec):
        """Compile the design if it is not kept yet."""
        build(spec, self._folder)

    def play(self, spec, script, watchdog_cycles):
        """Return the words that a script reads; see `ScriptSampler.play`."""
        with CompiledMachine(spec, self._folder) as machine:
            return machine.play(script, watchdog_cycles)
