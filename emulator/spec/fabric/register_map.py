"""The register map: what a host reads and writes, word by word, over any link.

Reading has no side effect. Arrays are loaded through configuration shift registers: a write shifts one word in at the
end, a read shows the word at the head, so N writes fill one of N words in order, and N times "read, write back"
reads it. While the machine is busy only FREEZE, FIFO_POP and HALT are accepted; any other write is refused and counted.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from .parameters import FABRIC_VERSION

MAGIC = 0x5350494E  # "SPIN"
ADDRESS_BITS = 16
SPINS_BASE = 0x0100  # 32 p-bits a word
FIFO_BASE = 0x0800  # the oldest snapshot, 32 p-bits a word


class Register(IntEnum):
    """Word addresses of single registers and configuration shift registers."""

    MAGIC = 0x00
    VERSION = 0x01
    DESIGN_LOW = 0x02
    DESIGN_HIGH = 0x03
    N_PBITS = 0x04
    N_EDGES = 0x05
    N_COLORS = 0x06
    N_GENERATORS = 0x07
    RANDOM = 0x08  # kind | slices << 8 | leap << 16
    FORMATS = 0x09  # weight n_int | weight n_frac << 8 | bias n_int << 16 | bias n_frac << 24, signed bytes
    FIELD = 0x0A  # field n_int | field n_frac << 8 | compare_bits << 16 | moment_bits << 24
    CAPACITY = 0x0B  # table pages | schedule segments << 16
    FIFO_DEPTH = 0x0C
    FABRIC = 0x0D  # 0 sparse, 1 dense
    CONTROL = 0x10  # write only, see Control
    FREEZE = 0x11  # 1 holds every p-bit and random source
    STATUS = 0x12  # see Status
    SWEEPS = 0x13  # since RUN
    CYCLES = 0x14  # spent busy since CLEAR
    SATURATIONS = 0x15  # update cycles in which a local field saturated, since CLEAR
    REFUSED = 0x16  # writes refused since CLEAR
    MOMENT_COUNT = 0x17  # states in the moment accumulators, since CLEAR
    FIFO_LEVEL = 0x18
    FIFO_POP = 0x19  # write only: drop the oldest snapshot
    SEGMENTS = 0x1A  # schedule segments in use
    RECORD_AFTER = 0x1B  # sweeps before the first one that counts
    RECORD_EVERY = 0x1C  # sweeps per recorded state
    RECORD_WHERE = 0x1D  # see Where
    # Configuration shift registers. Dense weights: a row for each p-bit, a column for each place in the order.
    WEIGHTS = 0x20  # one word an edge
    OFFSETS = 0x21  # one word a p-bit
    CLAMPS = 0x22  # one word a p-bit: bit 1 holds it, bit 0 is the value
    SEEDS = 0x23  # the state words of each generator in turn
    MOMENTS = 0x24  # ups of each p-bit, then agreements of each edge
    TABLE_ADDRESS = 0x28  # into the bank: page * entries + entry
    TABLE_DATA = 0x29  # a write stores and steps the address; a read shows the addressed word, one cycle later
    SEGMENT_ADDRESS = 0x2A
    SEGMENT_PAGE = 0x2B  # kept for the next write of SEGMENT_SWEEPS
    SEGMENT_SWEEPS = 0x2C  # stores (page, sweeps) and steps the address


class Control(IntFlag):
    """Bits of CONTROL; HALT overrides the others."""

    RUN = 1  # take the clamps, then run the schedule
    LOAD = 2  # held p-bits take their clamp value
    HALT = 4  # idle at once, even in mid-sweep
    CLEAR = 8  # zero the counters, empty the FIFO


class Status(IntFlag):
    """Bits of STATUS."""

    BUSY = 1
    FROZEN = 2
    STALLED = 4  # a snapshot waits for room in the FIFO


class Where(IntFlag):
    """Bits of RECORD_WHERE."""

    FIFO = 1
    MOMENTS = 2


class Phase(IntEnum):
    """States of the sequencer."""

    IDLE = 0
    FETCH = 1  # read a schedule segment
    LOAD = 2  # stream its activation table to the p-bits, entries + 1 cycles
    SWEEP = 3  # one colour a cycle, or one clock of a dense fabric's sweep


def setting_bits(spec):
    """Return the width of each register that keeps what is written to it [bit]; dict of Register to int."""
    return {
        Register.FREEZE: 1,
        Register.SEGMENTS: spec.n_segments.bit_length(),
        Register.RECORD_AFTER: 32,
        Register.RECORD_EVERY: 32,
        Register.RECORD_WHERE: 2,
        Register.TABLE_ADDRESS: (spec.n_pages * spec.n_table_entries - 1).bit_length(),
        Register.SEGMENT_ADDRESS: (spec.n_segments - 1).bit_length(),
        Register.SEGMENT_PAGE: (spec.n_pages - 1).bit_length(),
    }


def plane_words(spec):
    """Return words and bits a word of each configuration shift register (no words if absent); dict of Register."""
    n_edges = len(spec.edges)
    return {
        Register.WEIGHTS: (spec.n_pbits**2 if spec.dense else n_edges, spec.weight.width),
        Register.OFFSETS: (spec.n_pbits, spec.offset.width),
        Register.CLAMPS: (spec.n_pbits, 2),
        Register.SEEDS: (spec.n_generators * spec.random.state_words, 32),
        Register.MOMENTS: (spec.n_pbits + n_edges if spec.moment_bits else 0, spec.moment_bits),
    }


def _format(fixed):
    return fixed.n_int & 0xFF | (fixed.n_frac & 0xFF) << 8


def identity(spec):
    """Return the read-only registers of a design; dict of Register to int."""
    return {
        Register.MAGIC: MAGIC,
        Register.VERSION: FABRIC_VERSION,
        Register.DESIGN_LOW: spec.design_id & 0xFFFFFFFF,
        Register.DESIGN_HIGH: spec.design_id >> 32,
        Register.N_PBITS: spec.n_pbits,
        Register.N_EDGES: len(spec.edges),
        Register.N_COLORS: spec.n_colors,
        Register.N_GENERATORS: spec.n_generators,
        Register.RANDOM: spec.random.kind | spec.random.slices << 8 | spec.random.leap << 16,
        Register.FORMATS: _format(spec.weight) | _format(spec.bias) << 16,
        Register.FIELD: _format(spec.field) | spec.compare_bits << 16 | spec.moment_bits << 24,
        Register.CAPACITY: spec.n_pages | spec.n_segments << 16,
        Register.FIFO_DEPTH: spec.fifo_depth,
        Register.FABRIC: int(spec.dense),
    }
