"""Ports of a logic circuit: numbers to clamp and to read, and which readings a sampler has visited."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...emulator.spec.errors import InputError

MOST_READINGS = 4096  # kept; what comes later counts as the rest
SHOWN = 8
MAX_BITS = 48  # of a port; a wider number is none that a page can count with
ROUND_OFF = 1e-6  # of an energy


class Ports:
    """Ports of an instance that names its wires, as those of ``[multiplier bits=3]``; none of any other.

    Parameters
    ----------
    instance : IsingInstance
        Its provenance may hold ``wires`` (spins of each port, lowest bit first) and ``ground_energy``.
    """

    def __init__(self, instance):
        wires = instance.provenance.get("wires", {})
        short = {str(name): spins for name, spins in wires.items() if len(spins) <= MAX_BITS}
        self._wires = {name: np.asarray(spins, dtype=np.int64) for name, spins in short.items()}
        self._ground = instance.provenance.get("ground_energy")
        self._n_spins = instance.n_spins
        self.forget()

    def forget(self):
        """Forget what was visited."""
        self._visits, self._right, self._n_visits = Counter(), set(), 0

    @property
    def widths(self):
        """Bits of each port; dict of str to int."""
        return {name: len(spins) for name, spins in self._wires.items()}

    @property
    def labels(self):
        """Name of each spin's pin, empty where it has none; list of str, empty without ports.

        >>> from ...emulator.instances.generators.by_name import generate
        >>> Ports(generate("adder", bits=2)).labels
        ['a0', 'a1', 'b0', 'b1', 'cin', 's0', 's1', '', 'cout']
        """
        if not self._wires:
            return []
        labels = [""] * self._n_spins
        for name, spins in self._wires.items():
            for bit, spin in enumerate(spins):
                labels[spin] = name if len(spins) == 1 else f"{name}{bit}"
        return labels

    def check(self, command):
        """Refuse a command that is not a port's name and a number that fits into it, or None to free it."""
        if not (isinstance(command, list) and len(command) == 2 and command[0] in self._wires):
            rule = f"one of {', '.join(self._wires)}" if self._wires else "named by the instance, which names none"
            raise InputError(f"port must be {rule}, with a number or null, not {command!r}")
        name, number = command
        top = (1 << len(self._wires[name])) - 1
        if number is not None and not (type(number) is int and 0 <= number <= top):
            raise InputError(f"Number at port {name} must be 0 ... {top} or null, not {number!r}")

    def hold(self, clamps, name, number):
        """Write a port's number into clamps of shape (n,); None frees it."""
        spins = self._wires[name]
        clamps[spins] = 0 if number is None else [1 if number >> bit & 1 else -1 for bit in range(len(spins))]

    def held(self, clamps):
        """Return the number at each port that is held whole; dict of str to int."""
        whole = {name: spins for name, spins in self._wires.items() if np.all(clamps[spins] != 0)}
        return {name: _numbers(clamps[None, spins])[0] for name, spins in whole.items()}

    def seen(self, spins, energies):
        """Count states of shape (k, n) with energies of shape (k,), and return what a page shows; dict.

        ``numbers`` are those of the last state, ``readings`` the most visited ones: their numbers, share, and whether
        a state with them satisfied every gate; None if the ground energy is unknown.
        """
        if not self._wires:
            return {}
        rows = list(zip(*(_numbers(spins[:, wires]) for wires in self._wires.values()), strict=True))
        for row, energy in zip(rows, energies, strict=True):
            if row in self._visits or len(self._visits) < MOST_READINGS:
                self._visits[row] += 1
                if self._ground is not None and energy <= self._ground + ROUND_OFF:
                    self._right.add(row)
        self._n_visits += len(rows)
        readings = [
            [list(row), round(count / self._n_visits, 5), None if self._ground is None else row in self._right]
            for row, count in self._visits.most_common(SHOWN)
        ]
        return {"numbers": dict(zip(self._wires, rows[-1], strict=True)), "readings": readings}


def _numbers(states):
    """Return the number of each row of spins, lowest bit first; list of int."""
    return [int(one) for one in (states > 0) @ (1 << np.arange(states.shape[1], dtype=np.int64))]
