"""RTL of the replica fabrics beside golden, register by register, in Amaranth's simulator and under Icarus."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...emulator.golden.replicas.tempering import TemperingMachine, bus_writes
from ...emulator.golden.replicas.trotter import TrotterMachine, ring_writes
from ...emulator.spec.replicas.tempering import TemperingRegister
from ...emulator.spec.replicas.trotter import TrotterRegister
from ...emulator.spec.spins import words_from_bits
from ...rtl.replicas.tempering import TemperingComputer
from ...rtl.replicas.trotter import TrotterComputer
from ...rtl.verilog.emit import top_of, verilog_of
from .icarus import IcarusBuild, build_sources, run_bench
from .pin_shell import pin_shell
from .pysim_lockstep import lockstep_in_pysim
from .scoreboard import ANYTHING, LockstepResult

HOSTILE = 0.3  # of the clocks of a run, in which the bus writes what is to be refused
AFTER = 40  # reads after a run
PINS = {"address": 5, "write": 1, "write_data": 32}


def observed_tempering(machine):
    """Return what to compare of a tempering machine: path below the RTL's top, and a function of the golden value."""
    spec = machine.spec
    names = ("color", "count", "sweeps", "since", "parity", "target", "select", "read_data")
    pairs = [("phase", lambda: int(machine.phase))]
    pairs += [(name, lambda name=name: int(getattr(machine, name))) for name in names]
    pairs += [("swap_unit.accepted", lambda: machine.accepted), ("swap_unit.has_best", lambda: int(machine.has_best))]
    # Energy and state of the best mean something once there is one.
    pairs.append(("swap_unit.best", lambda: _word(machine.best[0]) if machine.has_best else ANYTHING))
    pairs.append(("swap_unit.best_bits", lambda: _packed(machine.best_bits) if machine.has_best else ANYTHING))
    for r in range(spec.n_replicas):
        pairs.append((f"bits_{r}", lambda r=r: _packed(machine.bits[:, r])))
        pairs.append((f"swap_unit.energy__{r}", lambda r=r: _word(machine.energies[r])))
        pairs.append((f"swap_unit.slot_{r}", lambda r=r: int(machine.slots[r])))
        pairs.append((f"swap_unit.at_{r}", lambda r=r: int(machine.at[r])))
    n_generators = spec.generators_per_replica * spec.n_replicas + 1
    return pairs + _generators(machine, n_generators, TemperingRegister.SEEDS)


def observed_trotter(machine):
    """Return what to compare of a ring of Trotter replicas; see `observed_tempering`."""
    names = ("color", "left", "coupling", "steps", "sweeps", "select", "read_data")
    pairs = [("phase", lambda: int(machine.phase)), ("schedule_step", lambda: machine.step)]
    pairs += [(name, lambda name=name: int(getattr(machine, name))) for name in names]
    pairs += [(f"bit_{i}", lambda i=i: int(machine.bits[i, 0])) for i in range(machine.spec.fabric.n_pbits)]
    return pairs + _generators(machine, machine.spec.fabric.n_generators, TrotterRegister.SEEDS)


@dataclass(frozen=True)
class ReplicaKind:
    """One replica fabric: its two hands, its bus and what is compared."""

    machine: type
    computer: type
    writes: Callable
    observed: Callable
    registers: type


KINDS = {
    "tempering": ReplicaKind(
        TemperingMachine,
        TemperingComputer,
        bus_writes,
        observed_tempering,
        TemperingRegister,
    ),
    "trotter": ReplicaKind(
        TrotterMachine,
        TrotterComputer,
        ring_writes,
        observed_trotter,
        TrotterRegister,
    ),
}


def replica_stimulus(kind, program, seed, hostile_seed=0):
    """Return bus traffic that loads a program, runs it under refused writes, and reads what it left.

    Parameters
    ----------
    kind : str
        Kind of machine, one of `KINDS`.
    program : TemperingProgram or TrotterProgram
        Program of the machine.
    seed : int
        Seed of the generators.
    hostile_seed : int
        Seed of the traffic during the run.

    Returns
    -------
    ndarray, shape (n_cycles, 3), int64
        Address, write, data.
    """
    one, rng = KINDS[kind], np.random.default_rng(hostile_seed)
    rows = [(int(address), 1, int(data)) for address, data in one.writes(program, seed)]
    machine, n_shown = one.machine(program.spec), program.spec.n_words * program.spec.n_replicas
    for row in rows:
        machine.tick(row[0], True, row[2])
    registers, select = [int(register) for register in one.registers], int(one.registers.SELECT)
    while int(machine.phase) != 0:
        address = int(rng.choice(registers))
        data = int(rng.integers(0, n_shown + 1)) if address == select else int(rng.integers(0, 2**32))
        row = (address, int(rng.random() < HOSTILE), data)
        rows.append(row)
        machine.tick(row[0], bool(row[1]), row[2])
    for k in range(AFTER):
        rows.append((select, 1, k % (n_shown + 1)))
        rows.append((registers[k % len(registers)], 0, 0))
    return np.array(rows, dtype=np.int64)


def run_replicas_pysim(kind, program, seed, machine=None):
    """Run a program in Amaranth's simulator beside golden, or beside a machine that is broken on purpose.

    Returns
    -------
    LockstepResult
    """
    one = KINDS[kind]
    machine = machine or one.machine(program.spec)
    rows = replica_stimulus(kind, program, seed)
    return lockstep_in_pysim(one.computer(program.spec), machine, one.observed(machine), rows)


def run_replicas_icarus(kind, program, seed, folder, waves=False, machine=None):
    """Run a program under Icarus in lockstep with golden.

    Parameters
    ----------
    kind, program, seed
        Same meaning as in `replica_stimulus`.
    folder : path
        Where to build and run.
    waves : bool
        Whether to dump every signal.
    machine : TemperingMachine or TrotterMachine, optional
        Golden machine to compare with; a broken one shows what lockstep catches.

    Returns
    -------
    LockstepResult, dict
        The dictionary holds the registers that the RTL showed at the end, by name, as text of bits.
    """
    rows = replica_stimulus(kind, program, seed)
    simulation = build_replicas(kind, program.spec, folder)
    job = {"rows": rows, "kind": kind, "machine": machine or KINDS[kind].machine(program.spec)}
    report = run_bench(simulation, "bench_replicas", job, waves=waves)
    keys = ("cycles", "mismatches", "first", "registers", "sweeps")
    return LockstepResult(*(report[key] for key in keys)), report["last"]


def temper_icarus(program, seed, folder):
    """Run a tempering program under Icarus; returns `LockstepResult`, best energy and state as the RTL shows them."""
    found, last = run_replicas_icarus("tempering", program, seed, folder)
    bits = np.array([int(bit) for bit in reversed(last["swap_unit.best_bits"])], dtype=np.int8)
    energy = int(last["swap_unit.best"], 2)
    energy -= (energy >> 31) << 32
    return found, program.energy_unit * energy + program.energy_offset, 2 * bits - 1


def build_replicas(kind, spec, folder):
    """Generate and compile the Verilog of a replica fabric; see `icarus.build`."""
    place = Path(folder).absolute() / f"{kind}-{hashlib.sha256(repr(spec).encode()).hexdigest()[:16]}"
    sources = {f"{top_of(spec)}.v": verilog_of(spec), "shell.v": pin_shell(top_of(spec), PINS, {"read_data": 32})}
    return build_sources(IcarusBuild(spec, place), sources)


def _generators(machine, n_generators, register):
    words = machine.spec.fabric.random.state_words
    numbers = [(g, k) for g in range(n_generators) for k in range(words)]
    return [(f"random_{g}.state_{k}", lambda at=g * words + k: machine.planes[register][at]) for g, k in numbers]


def _packed(bits):
    return sum(int(word) << (32 * k) for k, word in enumerate(words_from_bits(bits)))


def _word(value):
    return int(value) & 0xFFFFFFFF
