"""What a lockstep bench compares: registers of the RTL, read as text, beside those of its golden machine."""

from __future__ import annotations

import re


class Scoreboard:
    """Counts what was compared and what differed, and remembers the first difference of each register.

    Parameters
    ----------
    dut : handle
        Top of the RTL.
    observed : list of (str, callable)
        Path of each register below the top, and a function that returns golden's value: an int, or None for a word
        that is not valid, of which only the lowest bit, its valid bit, means something.
    """

    def __init__(self, dut, observed):
        # The last field holds what the pins last showed, as text and as integer: most registers rest in most cycles.
        self._registers = [(name, reader(dut, name), golden, [None, None]) for name, golden in observed]
        self.cycles = self.mismatches = 0
        self.first = {}

    @property
    def n_registers(self):
        """Registers compared in every cycle."""
        return len(self._registers)

    def compare(self):
        """Compare all registers in this cycle; a value with unknown bits is a difference."""
        wrong = False
        for name, read, golden, shown in self._registers:
            text = read()
            if text != shown[0]:
                shown[:] = text, integer(text)
            expected = golden()
            if shown[1] != expected if expected is not None else text[-1] != "0":
                wrong = True
                self.first.setdefault(name, {"cycle": self.cycles, "rtl": text, "golden": expected})
        self.mismatches += wrong
        self.cycles += 1

    def close(self, n_cycles, sweeps):
        """Fail if the device was silent: fewer cycles than asked for, or no sweep done."""
        if self.cycles != n_cycles or not n_cycles:
            raise AssertionError(f"Cycles compared must be {n_cycles or '1 or more'}, not {self.cycles}")
        if sweeps == 0:
            raise AssertionError("Machine must finish a sweep in lockstep, not none: nothing was tested")


def integer(text):
    """Return what a word of 0 and 1 stands for, or None if any bit of it is unknown."""
    return int(text, 2) if set(text) <= {"0", "1"} else None


def find(top, path):
    """Return the handle at a dotted path below the top; ``name[k]`` is word k of a memory."""
    handle = top
    for name, word in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        handle = getattr(handle, name)
        if word:
            handle = handle[int(word)]
    return handle


def reader(top, path):
    """Return a function that reads the bits of a register as text, highest first.

    It asks the simulator and nobody else: the type that `handle.value` wraps around each word took most of the time of
    a bench that reads a hundred words in every cycle.
    """
    return find(top, path)._handle.get_signal_val_binstr  # private, but cocotb is pinned to one version
