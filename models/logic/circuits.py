"""Invertible logic: circuits whose ground states are their truth tables, run forward, backward and sideways."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...emulator.golden.replicas.tempering import temper
from ...emulator.instances.generators.by_name import generate
from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance
from ...emulator.spec.replicas.tempering import tempering_program

HOT, COLD, N_SLOTS = 0.25, 2.0, 24  # betas of the ladder: gates have levels 2 and 4 apart


@dataclass(frozen=True, eq=False)
class Circuit:
    """A circuit and its wires.

    Parameters
    ----------
    name : str
        Name of the generator: "and", "adder" or "multiplier".
    instance : IsingInstance
        Couplings and biases of the circuit.
    wires : dict of str to list of int
        Spins of each port, lowest bit first.
    ground_energy : float
        Energy of every row of the truth table.
    """

    name: str
    instance: IsingInstance
    wires: dict[str, list[int]]
    ground_energy: float

    def clamps(self, **numbers):
        """Return held spins for given ports; ndarray, shape (n,), int8, 0 where free.

        Raises
        ------
        InputError
            If there is no such port, or a number does not fit into it.
        """
        clamps = np.zeros(self.instance.n_spins, dtype=np.int8)
        for port, number in numbers.items():
            if port not in self.wires:
                raise InputError(f"Port must be one of {', '.join(self.wires)}, not {port!r}")
            spins = self.wires[port]
            if not 0 <= number < 1 << len(spins):
                raise InputError(f"Number at port {port!r} must be 0..{(1 << len(spins)) - 1}, not {number}")
            clamps[spins] = [1 if number >> k & 1 else -1 for k in range(len(spins))]
        return clamps

    def read(self, spins, port):
        """Return the number at a port for states of shape (..., n); ndarray, shape (...), int64."""
        bits = np.asarray(spins)[..., self.wires[port]] > 0
        return bits @ (1 << np.arange(bits.shape[-1], dtype=np.int64))

    def holds(self, spins):
        """Tell for states of shape (..., n) whether the arithmetic is right; computed with numbers, not by energy."""
        ports = {port: self.read(spins, port) for port in self.wires}
        if self.name == "and":
            return ports["y"] == (ports["a"] & ports["b"])
        if self.name == "adder":
            total = ports["a"] + ports["b"] + ports["cin"]
            return total == ports["s"] + (ports["cout"] << len(self.wires["s"]))
        return ports["a"] * ports["b"] == ports["p"]


def circuit(name, **arguments):
    """Return a `Circuit` of the generator of that name; "and", "adder" or "multiplier" with ``bits`` and ``copy``."""
    if name not in ("and", "adder", "multiplier"):
        raise InputError(f"Circuit must be one of and, adder, multiplier, not {name!r}")
    instance = generate(name, **arguments)
    notes = instance.provenance
    return Circuit(name, instance, notes["wires"], float(notes["ground_energy"]))


@dataclass(frozen=True, eq=False)
class Solutions:
    """What a search left.

    Parameters
    ----------
    states : ndarray, shape (n_runs, n), int8
        Best state of each run.
    is_right : ndarray, shape (n_runs,), bool
        Whether it satisfies the circuit, checked with numbers.
    sweeps : int
        Number of sweeps of each run.
    """

    states: np.ndarray
    is_right: np.ndarray
    sweeps: int

    @property
    def share(self):
        """Runs that ended right over all; float."""
        return float(self.is_right.mean())


def solve(unit, sweeps, n_runs, seed, **numbers):
    """Search a circuit with some ports given, on the golden tempering machine.

    Parameters
    ----------
    unit : Circuit
        Circuit to run.
    sweeps, n_runs : int
        Number of sweeps of each run, and number of runs.
    seed : int
        Seed of all runs; run r has the generators of chain r.
    **numbers
        Ports that are held.

    Returns
    -------
    Solutions
    """
    clamps = unit.clamps(**numbers)
    betas = np.geomspace(HOT, COLD, N_SLOTS)
    program = tempering_program(unit.instance, betas, sweeps, clamps=clamps)
    states = np.stack([temper(replace(program, chain=run), seed).best_spins for run in range(n_runs)])
    return Solutions(states, np.asarray(unit.holds(states)), sweeps)


def factor(number, sweeps=20_000, n_runs=8, seed=1, bits=None):
    """Factor an integer by running a multiplier backward.

    Parameters
    ----------
    number : int
        Number to factor, 4 to 65535.
    sweeps, n_runs, seed
        Same meaning as in `solve`.
    bits : int, optional
        Bits of each factor; half of the number's, rounded up, if absent, as for factors of equal length.

    Returns
    -------
    factors : tuple of (int, int) or None
        A pair whose product is the number, larger than 1 both if there is one; None if no run found any.
    found : Solutions
    """
    if not 4 <= number < 1 << 16:
        raise InputError(f"Number must be 4..65535, not {number}")
    unit = circuit("multiplier", bits=-(-number.bit_length() // 2) if bits is None else bits)
    found = solve(unit, sweeps, n_runs, seed, p=number)
    pairs = {
        tuple(sorted((int(unit.read(state, "a")), int(unit.read(state, "b")))))
        for state, right in zip(found.states, found.is_right, strict=True)
        if right
    }
    proper = sorted(pair for pair in pairs if pair[0] > 1)
    return (proper or sorted(pairs) or [None])[0], found
