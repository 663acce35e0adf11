"""Invertible logic: gates as Ising models on shared wires."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...spec.errors import InputError
from ..edge_list import EdgeList

ZERO = -1  # a port tied to logic 0, which is spin -1


@dataclass(frozen=True)
class Gate:
    """A gate whose ground states are the rows of its truth table.

    Parameters
    ----------
    couplings : tuple of (int, int, float)
        Ports i < j and J.
    biases : tuple of float
        Bias h of each port.
    ground_energy : float
        Energy of every row of the truth table.
    """

    couplings: tuple[tuple[int, int, float], ...]
    biases: tuple[float, ...]
    ground_energy: float


# Ports a, b, y with y = a and b; the next level lies 4 higher.
# Source: Camsari et al., Phys. Rev. X 7, 031014 (2017); earlier Biamonte, Phys. Rev. A 77, 052331 (2008).
AND = Gate(((0, 1, -1.0), (0, 2, 2.0), (1, 2, 2.0)), (1.0, 1.0, -2.0), -3.0)

# Ports a, b, carry in, sum, carry out; no biases; the next level lies 2 higher.
# Source: Aadit et al., Nat. Electron. 5, 460 (2022), five p-bits; the tests enumerate it.
FULL_ADDER = Gate(
    (
        *((0, 1, -1.0), (0, 2, -1.0), (1, 2, -1.0)),
        *((0, 3, 1.0), (1, 3, 1.0), (2, 3, 1.0)),
        *((0, 4, 2.0), (1, 4, 2.0), (2, 4, 2.0), (3, 4, -2.0)),
    ),
    (0.0,) * 5,
    -4.0,
)


@dataclass
class Netlist:
    """Gates joined by wires; a state that satisfies every gate is a ground state of the whole.

    Parameters
    ----------
    n_wires : int
        Number of wires so far.
    gates : list of (Gate, tuple of int)
        Gates with the wire, or `ZERO`, at each port.
    """

    n_wires: int = 0
    gates: list = field(default_factory=list)

    def wires(self, count):
        """Return ``count`` new wires."""
        self.n_wires += count
        return list(range(self.n_wires - count, self.n_wires))

    def add(self, gate, *ports):
        """Connect a gate."""
        self.gates.append((gate, ports))

    def edge_list(self, copy, names):
        """Return the Ising model.

        Parameters
        ----------
        copy : float
            0 makes each wire one spin, shared by its gates. A number above 0 gives each port a spin of its own; the
            spins of one wire form a chain of copy gates, ferromagnetic couplings of this strength, which bounds the
            degree. The first spin of each chain is the wire's own.
        names : dict of str to list of int
            Wires by name, lowest bit first, for the notes.

        Returns
        -------
        EdgeList
            Notes: ``wires`` (spins by name) and ``ground_energy``.
        """
        if copy < 0:
            raise InputError(f"Copy strength must be 0 (shared spins) or more, not {copy}")
        model = _Model(self.n_wires)
        for gate, ports in self.gates:
            spins = tuple(model.port(wire, copy) for wire in ports)
            model.add_gate(gate, spins)
        biases = np.bincount(model.biased, model.biases, minlength=model.n_spins)
        notes = {"wires": names, "ground_energy": model.ground_energy}
        return EdgeList.from_sums(model.n_spins, model.edges, model.couplings, biases, notes)


class _Model:
    """Couplings and biases of a netlist, added up gate by gate."""

    def __init__(self, n_wires):
        self.n_spins = n_wires
        self.edges, self.couplings, self.biased, self.biases = [], [], [], []
        self.ground_energy = 0.0
        self._chain_end = [None] * n_wires  # last spin of each wire that a gate uses

    def port(self, wire, copy):
        """Return the spin for one more gate on ``wire``."""
        if wire == ZERO:
            return ZERO
        end = self._chain_end[wire]
        if end is None:
            self._chain_end[wire] = wire
        elif copy:
            self.edges.append((end, self.n_spins))
            self.couplings.append(copy)
            self.ground_energy -= copy
            self._chain_end[wire] = self.n_spins
            self.n_spins += 1
        return self._chain_end[wire]

    def add_gate(self, gate, spins):
        """Add a gate; a port tied to 0 turns its couplings into biases and its bias into a constant."""
        self.ground_energy += gate.ground_energy
        for spin, bias in zip(spins, gate.biases, strict=True):
            self._add_bias(spin, bias)
        for first, second, coupling in gate.couplings:
            i, j = spins[first], spins[second]
            if ZERO in (i, j):
                self._add_bias(max(i, j), -coupling)
            else:
                self.edges.append((min(i, j), max(i, j)))
                self.couplings.append(coupling)

    def _add_bias(self, spin, bias):
        if spin == ZERO:  # E = -h s with s = -1 is a constant, which the model leaves out
            self.ground_energy -= bias
            return
        self.biased.append(spin)
        self.biases.append(bias)
