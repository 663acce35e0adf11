"""What lockstep compares: registers of the RTL, read as text by any simulator, beside those of its golden machine."""

from __future__ import annotations

from dataclasses import dataclass

from ...emulator.spec.errors import ToolError

ANYTHING = object()  # golden's word where a register means nothing yet


@dataclass(frozen=True)
class LockstepResult:
    """What a lockstep run found.

    Parameters
    ----------
    cycles : int
        Cycles compared.
    mismatches : int
        Cycles in which any register differed.
    first : dict of str to dict
        For each register that ever differed the first time: ``cycle``, ``rtl``, ``golden``; in order of appearance.
    registers : int
        Registers compared in every cycle.
    sweeps : int
        Sweeps that the machine did.
    """

    cycles: int
    mismatches: int
    first: dict
    registers: int
    sweeps: int

    @property
    def first_register(self):
        """Register that differed first, or None."""
        return next(iter(self.first), None)


class Scoreboard:
    """Counts what was compared and what differed, and remembers the first difference of each register.

    Parameters
    ----------
    registers : list of (str, callable, callable)
        Name of each register; a function that returns the RTL's bits as text, highest first; and one that returns
        golden's word: an int of 0 or more, None for a word that is not valid, of which only the lowest bit, its valid
        bit, means something, or `ANYTHING`.
    """

    def __init__(self, registers):
        # The last field holds what the pins last showed, as text and as integer: most registers rest in most cycles.
        self._registers = [(*register, [None, None]) for register in registers]
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
            if expected is ANYTHING:
                continue
            if shown[1] != expected if expected is not None else text[-1] != "0":
                wrong = True
                self.first.setdefault(name, {"cycle": self.cycles, "rtl": text, "golden": expected})
        self.mismatches += wrong
        self.cycles += 1

    def result(self, n_cycles, sweeps):
        """Return what was found, or fail if the device was silent.

        Parameters
        ----------
        n_cycles : int
            Cycles that were to be compared.
        sweeps : int
            Sweeps that the machine did.

        Returns
        -------
        LockstepResult

        Raises
        ------
        ToolError
            If fewer cycles were compared than asked for, or none, or no sweep was done.
        """
        if self.cycles != n_cycles or not n_cycles:
            raise ToolError(f"Cycles compared must be {n_cycles or '1 or more'}, not {self.cycles}")
        if sweeps == 0:
            raise ToolError("Machine must finish a sweep in lockstep, not none: nothing was tested")
        return LockstepResult(self.cycles, self.mismatches, self.first, self.n_registers, sweeps)


def integer(text):
    """Return what a word of 0 and 1 stands for, or None if any bit of it is unknown."""
    return int(text, 2) if set(text) <= {"0", "1"} else None
