"""The host's side of a board: load, run, read, over any transport."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.fabric.loading import program_writes, start_writes
from ...emulator.spec.fabric.parameters import FABRIC_VERSION
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import FIFO_BASE, MAGIC, SPINS_BASE, Control, Register, Status, Where
from ...emulator.spec.link.frames import MAX_WORDS, Kind, LinkRegister
from ...emulator.spec.spins import spins_from_bits
from .channel import Channel

IDENTITY_WORDS = Register.FIFO_DEPTH + 1
COUNTERS = (Register.SWEEPS, Register.CYCLES, Register.SATURATIONS, Register.REFUSED, Register.MOMENT_COUNT)


@dataclass(frozen=True)
class BoardIdentity:
    """What a board says that it is.

    Parameters
    ----------
    design_id : int
        64-bit hash of the design.
    version : int
        Version of the register map and its timing, major << 16 | minor.
    random_source : str
        Kind of its random source.
    n_pbits, n_edges, n_colors, n_generators, moment_bits, fifo_depth : int
        Size of the design, as in the registers.
    """

    design_id: int
    version: int
    random_source: str
    n_pbits: int
    n_edges: int
    n_colors: int
    n_generators: int
    moment_bits: int
    fifo_depth: int

    @classmethod
    def from_words(cls, words):
        """Return the identity that registers 0 ... FIFO_DEPTH hold."""
        kinds = {int(kind): kind.name.lower() for kind in RandomKind}
        kind = words[Register.RANDOM] & 0xFF
        return cls(
            design_id=words[Register.DESIGN_HIGH] << 32 | words[Register.DESIGN_LOW],
            version=words[Register.VERSION],
            random_source=kinds.get(kind, f"unknown ({kind})"),
            n_pbits=words[Register.N_PBITS],
            n_edges=words[Register.N_EDGES],
            n_colors=words[Register.N_COLORS],
            n_generators=words[Register.N_GENERATORS],
            moment_bits=words[Register.FIELD] >> 24,
            fifo_depth=words[Register.FIFO_DEPTH],
        )


class BoardDriver:
    """A p-computer at the other end of a transport.

    Parameters
    ----------
    transport : object
        Connection to the board, as those of `spinchip.sim.board.transports`.
    spec : FabricSpec, optional
        The design that must be there; any if absent.
    timeout_s, retries, nonce
        Same meaning as in `Channel`.

    Raises
    ------
    ToolError
        If nothing there answers as a spinchip board.
    InputError
        If the board has another version or holds another design.
    """

    def __init__(self, transport, spec=None, timeout_s=1.0, retries=4, nonce=None):
        self.channel = Channel(transport, timeout_s, retries, nonce)
        self._spec = spec
        self._known = set()  # configuration shift registers that this session filled, so that word 0 is at their head
        self.connect()

    def connect(self):
        """Open a new session and check what is there; see the class for errors."""
        self._known.clear()
        self.channel.connect()
        words = self.read(Register.MAGIC, IDENTITY_WORDS)
        name = self.channel.transport.name
        if words[Register.MAGIC] != MAGIC:
            self.channel.abandon()
            raise ToolError(f"{name} must hold a spinchip design, not magic word {words[Register.MAGIC]:#010x}")
        self._identity = found = BoardIdentity.from_words(words)
        if found.version >> 16 != FABRIC_VERSION >> 16:
            self.channel.abandon()
            version = f"{found.version >> 16}.{found.version & 0xFFFF}"
            raise InputError(
                f"{name} must hold a design of version {FABRIC_VERSION >> 16}.x, not {version}; build it anew"
            )
        if self._spec is not None and found.design_id != self._spec.design_id:
            self.channel.abandon()
            wanted = f"design {self._spec.design_id:016x} ({self._spec.n_pbits} p-bits)"
            held = f"{found.design_id:016x} ({found.n_pbits} p-bits)"
            raise InputError(f"{name} must hold {wanted}, not {held}; name the instance and --fabric it was made from")

    def close(self):
        """End the session and close the port."""
        self.channel.abandon()
        self.channel.transport.close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def identity(self):
        """Return what the board said when the session began; BoardIdentity."""
        return self._identity

    def read(self, address, count=1):
        """Return ``count`` words from ascending addresses; tuple of int."""
        words = ()
        for at in range(0, count, MAX_WORDS):
            words += self.channel.ask(Kind.READ, address + at, min(MAX_WORDS, count - at)).words
        return words

    def write(self, writes):
        """Write (address, data) pairs in order, in as few frames as possible; the machine may refuse them."""
        for kind, address, words in grouped(writes):
            self.channel.ask(kind, address, len(words), words)

    def load(self, program, where=Where.FIFO):
        """Load everything but state and seeds; see `program_writes`.

        Raises
        ------
        InputError
            If the program is for another design.
        ToolError
            If the machine was busy.
        """
        if program.spec.design_id != self._identity.design_id:
            found = f"{self._identity.design_id:016x}"
            raise InputError(f"Program must be for the board's design {found}, not {program.spec.design_id:016x}")
        (before,) = self.read(Register.REFUSED)
        self._known -= {Register.WEIGHTS, Register.OFFSETS}
        self.write(program_writes(program, where))
        self._check_accepted(before)
        self._known |= {Register.WEIGHTS, Register.OFFSETS}

    def start(self, program, seed=0, chain=0):
        """Seed the loaded machine, set its first state, zero its moments and start it; see `start_writes`."""
        zeros = (program.spec.n_pbits + len(program.spec.edges)) if program.spec.moment_bits else 0
        self._known -= {Register.SEEDS, Register.CLAMPS, Register.MOMENTS}
        (before,) = self.read(Register.REFUSED)
        self.write([(Register.MOMENTS, 0)] * zeros)
        self._check_accepted(before)
        self.write(start_writes(program, seed, chain))  # clears the count of refusals on its way
        self._check_accepted(0)
        self._known |= {Register.SEEDS, Register.CLAMPS, Register.MOMENTS}

    def run(self, n_sweeps, page=0):
        """Let the machine go on from where it is for ``n_sweeps`` at a loaded table page, as its whole schedule."""
        (before,) = self.read(Register.REFUSED)
        segment = [(Register.SEGMENT_ADDRESS, 0), (Register.SEGMENT_PAGE, page), (Register.SEGMENT_SWEEPS, n_sweeps)]
        self.write([*segment, (Register.SEGMENTS, 1), (Register.CONTROL, Control.RUN)])
        self._check_accepted(before)

    def freeze(self, on=True):
        """Hold every p-bit and random source, or let them go."""
        self.write([(Register.FREEZE, int(on))])

    def reset(self):
        """Stop the machine, even in mid-sweep, let it thaw, empty its FIFO and zero its counters."""
        self.write([(Register.CONTROL, Control.HALT), (Register.CONTROL, Control.CLEAR), (Register.FREEZE, 0)])

    def status(self):
        """Return the STATUS register; Status."""
        return Status(self.read(Register.STATUS)[0])

    def wait(self, timeout_s=60.0):
        """Wait until the schedule is done.

        Raises
        ------
        ToolError
            If it is not done in time, or cannot be: frozen, or a full FIFO waits for `snapshots`.
        """
        deadline = time.monotonic() + timeout_s
        while (status := self.status()) & Status.BUSY:
            if status & (Status.FROZEN | Status.STALLED) or time.monotonic() > deadline:
                raise ToolError(f"Schedule must end within {timeout_s} s, not wait: machine is {status!r}")

    def spins(self):
        """Return the present state; ndarray, shape (n_pbits,), int8. A running machine is held meanwhile."""
        moving = self.status() & (Status.BUSY | Status.FROZEN) == Status.BUSY
        if moving:
            self.freeze()
        words = self.read(SPINS_BASE, self._state_words)
        if moving:
            self.freeze(False)
        return self._spins([words])[0]

    def snapshots(self):
        """Return the states that wait in the FIFO, oldest first, and drop them; ndarray, shape (n, n_pbits), int8."""
        return self._spins(self._take_states())

    def collect(self, timeout_s=60.0):
        """Return all states that the running schedule records; see `snapshots`.

        Raises
        ------
        ToolError
            If the machine stays busy for ``timeout_s`` without recording a state.
        """
        states, deadline = [], time.monotonic() + timeout_s
        while True:
            busy = self.status() & Status.BUSY  # before the states are taken: none can come after an idle one
            taken = self._take_states()
            states += taken
            if taken:
                deadline = time.monotonic() + timeout_s
            elif not busy:
                return self._spins(states)
            elif time.monotonic() > deadline:
                raise ToolError(f"Machine must record a state within {timeout_s} s, not {self.status()!r}")

    def plane(self, register, n_words):
        """Return a configuration shift register this session filled; tuple of int. The machine must be idle."""
        register = Register(register)
        if register not in self._known:
            raise InputError(f"Plane {register.name} must be filled in this session before it is read: load and start")
        self._known.discard(register)  # half a rotation would leave it shifted
        (before,) = self.read(Register.REFUSED)
        words = ()
        for at in range(0, n_words, MAX_WORDS):
            words += self.channel.ask(Kind.ROTATE, register, min(MAX_WORDS, n_words - at)).words
        (after,) = self.read(Register.REFUSED)
        if after != before:
            self._known |= {register} if (after - before) % 2**32 == n_words else set()  # nothing moved
            raise ToolError(f"Plane {register.name} must be read while the machine is idle; wait or reset first")
        self._known.add(register)
        return words

    def moments(self):
        """Return sums over recorded states: their count, ups of each p-bit, agreements of each edge.

        Returns
        -------
        dict
            ``count`` int, ``spin_means`` float64 (n_pbits,), ``edge_means`` float64 (n_edges,).

        Raises
        ------
        InputError
            If the design has no accumulators, or they may have wrapped, or nothing was recorded.
        ToolError
            If the machine is busy.
        """
        n_pbits, n_edges, bits = self._identity.n_pbits, self._identity.n_edges, self._identity.moment_bits
        if not bits:
            raise InputError("Board must be built with moment accumulators (moment_bits), not without")
        sums = np.array(self.plane(Register.MOMENTS, n_pbits + n_edges), dtype=np.int64)
        (count,) = self.read(Register.MOMENT_COUNT)
        if not 1 <= count < 2**bits:
            raise InputError(f"Recorded states must be 1..{2**bits - 1} for {bits}-bit moments, not {count}")
        means = 2 * sums / count - 1
        return {"count": count, "spin_means": means[:n_pbits], "edge_means": means[n_pbits:]}

    def counters(self):
        """Return what machine and link count; dict of str to int, link counters as ``link_...``."""
        machine = {register.name.lower(): self.read(register)[0] for register in COUNTERS}
        names = [register for register in LinkRegister if register is not LinkRegister.VERSION]
        values = self.read(LinkRegister.EXECUTED, len(names))
        return machine | {f"link_{r.name.lower()}": value for r, value in zip(names, values, strict=True)}

    @property
    def _state_words(self):
        return -(-self._identity.n_pbits // 32)

    def _take_states(self):
        """Return the states in the FIFO as tuples of words, and pop them."""
        n_words, states = self._state_words, []
        if n_words > MAX_WORDS:  # a state needs several frames
            while self.read(Register.FIFO_LEVEL)[0]:
                states.append(self.read(FIFO_BASE, n_words))
                self.write([(Register.FIFO_POP, 0)])
            return states
        most = MAX_WORDS // n_words
        while True:
            reply = self.channel.ask(Kind.SNAPSHOTS, 0, most, state_words=n_words)
            states += [reply.words[k : k + n_words] for k in range(0, len(reply.words), n_words)]
            if reply.count < most:
                return states

    def _spins(self, states):
        words = np.array(states, dtype="<u4").reshape(len(states), self._state_words)
        bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=self._identity.n_pbits)
        return spins_from_bits(bits)

    def _check_accepted(self, before):
        (after,) = self.read(Register.REFUSED)
        if after != before:
            refused = (after - before) % 2**32
            raise ToolError(
                f"Machine must be idle to be written to, not busy: {refused} writes refused; reset it first"
            )


def grouped(writes):
    """Yield requests that carry (address, data) pairs out in order: kind, first address, words.

    >>> [(kind.name, address, words) for kind, address, words in grouped([(32, 1), (32, 2), (26, 5), (27, 6)])]
    [('FILL', 32, (1, 2)), ('WRITE', 26, (5, 6))]
    """
    writes = [(int(address), int(data) & 0xFFFFFFFF) for address, data in writes]
    steps = [after - before for (before, _), (after, _) in pairwise(writes)] + [None]
    first = 0
    while first < len(writes):
        step, last = steps[first], first
        while step in (0, 1) and steps[last] == step and last - first + 1 < MAX_WORDS:
            last += 1
        kind = Kind.WRITE if step == 1 and last > first else Kind.FILL
        yield kind, writes[first][0], tuple(data for _, data in writes[first : last + 1])
        first = last + 1
