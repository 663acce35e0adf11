"""A program as files that Verilog's ``$readmemh`` reads, and the states that golden reaches with it."""

from __future__ import annotations

import numpy as np

from ...emulator.golden.fabric.sampler import busy_cycles, run_chains
from ...emulator.spec.fabric.loading import program_writes, start_writes
from ...emulator.spec.fabric.program import compile_program
from ...emulator.spec.fabric.register_map import Register, Where
from ...emulator.spec.schedule import Schedule
from ...emulator.spec.spins import bits_from_spins

MAX_STATES = 100  # states that the bench checks; a wrong bit of any part shows within a few sweeps
PLANES = {
    "couplings": (Register.WEIGHTS, "coupling words in the order of the manifest's edges (dense: row by row)"),
    "offsets": (Register.OFFSETS, "offset words, one a p-bit"),
    "table": (Register.TABLE_DATA, "activation table, one threshold a field word, page after page"),
    "seeds": (Register.SEEDS, "state words of the random generators"),
}


class ProgramFiles:
    """The files of one program.

    Parameters
    ----------
    instance : IsingInstance
        Model that is sampled.
    spec : FabricSpec
        Parameters of the fabric.
    beta : float
        Inverse temperature.
    n_sweeps : int
        Sweeps of the run; every sweep is recorded.
    seed : int
        Seed of the random generators.

    Raises
    ------
    InputError
        If a figure is out of range, or the random source is external.
    """

    def __init__(self, instance, spec, beta, n_sweeps, seed):
        self.beta, self.n_sweeps, self.seed = float(beta), n_sweeps, seed
        self.program = compile_program(instance, spec, Schedule.constant(beta, n_sweeps))
        self.n_states = min(n_sweeps, MAX_STATES)
        first = compile_program(instance, spec, Schedule.constant(beta, self.n_states))
        self.states = state_words(run_chains(first, seed).spins[0])
        self._load, self._start = program_writes(self.program, Where.FIFO), start_writes(self.program, seed)

    @property
    def words(self):
        """Words of each file; dict of str to list of int."""
        lists = {name: self._at(register) for name, (register, _) in PLANES.items()}
        pairs = zip(self._at(Register.SEGMENT_PAGE), self._at(Register.SEGMENT_SWEEPS), strict=True)
        held = self._at(Register.CLAMPS)
        n = self.program.spec.n_pbits
        lists |= {"schedule": [word for pair in pairs for word in pair], "first": held[:n], "clamps": held[n:]}
        return lists | {"states": [int(word) for word in self.states.ravel()]}

    @property
    def texts(self):
        """Contents of each file by its name; dict. A file without words does not exist."""
        about = {name: text for name, (_, text) in PLANES.items()} | {
            "schedule": "schedule memory, a segment two words: table page, sweeps",
            "first": "clamp words that set the first state: 2 | bit",
            "clamps": "clamp words of the run: 0 is free",
            "states": f"what golden records, {self.states.shape[1]} words a state, p-bit 0 in bit 0 of the first",
        }
        head = f"beta {self.beta!r}, {self.n_sweeps} sweeps, seed {self.seed}"
        return {
            f"{name}.hex": f"// {about[name]}; {head}\n" + "".join(f"{word:08x}\n" for word in words)
            for name, words in self.words.items()
            if words
        }

    @property
    def settings(self):
        """Single registers written after the planes, in order; list of (Register, int)."""
        wanted = (Register.SEGMENTS, Register.RECORD_AFTER, Register.RECORD_EVERY, Register.RECORD_WHERE)
        return [(register, self._at(register)[0]) for register in wanted]

    @property
    def most_clocks(self):
        """Clocks after which the bench gives up: all writes, the run, and polls and reads of each state, twice over."""
        per_state = 8 + self.states.shape[1] + self.program.spec.clocks_per_sweep
        return (
            2 * (len(self._load) + len(self._start) + busy_cycles(self.program)) + 4 * per_state * self.n_states + 1000
        )

    def _at(self, register):
        return [data for address, data in self._load + self._start if address == register]


def state_words(spins):
    """Return states as a host reads them; ndarray, shape (n_states, n_words), uint32.

    >>> state_words(np.array([[1, -1, 1]], dtype=np.int8))
    array([[5]], dtype=uint32)
    """
    bits = bits_from_spins(spins)
    n_words = -(-bits.shape[1] // 32)
    padded = np.zeros((len(bits), 32 * n_words), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u4").astype(np.uint32)
