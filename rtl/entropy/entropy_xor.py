"""XOR of junctions: the bias of a line is the product of the biases of its inputs."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out


class XorWhitener(wiring.Component):
    """Synchronises junctions and joins them in groups; twin: ``emulator.golden.fabric.entropy_stages.xor_groups``.

    Parameters
    ----------
    n_lines, n_together : int
        Lines, and junctions of each.

    Members
    -------
    junctions : In(n_lines * n_together)
        Outputs of comparators; not in step with any clock.
    lines : Out(n_lines)
        One bit each, in every clock.

    Timing
    ------
    Three clocks from a junction to its line: two flip-flops against metastability, and a register.
    """

    def __init__(self, n_lines, n_together):
        self._n_lines, self._n_together = n_lines, n_together
        super().__init__({"junctions": In(n_lines * n_together), "lines": Out(n_lines)})

    def elaborate(self, platform):
        m = Module()
        settled = Signal(self._n_lines * self._n_together)
        m.submodules.synchronizer = FFSynchronizer(self.junctions, settled)
        for k in range(self._n_lines):
            m.d.sync += self.lines[k].eq(settled.word_select(k, self._n_together).xor())
        return m
