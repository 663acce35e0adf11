"""Register writes that load a program into a fabric, the same for simulator and board."""

from __future__ import annotations

import numpy as np

from .register_map import Control, Register, Where
from .sign_magnitude import plane_weights, sign_excess


def program_writes(program, where=Where.FIFO):
    """Return the writes that load everything but state and seeds.

    Parameters
    ----------
    program : Program
        Program whose contents are loaded.
    where : Where
        Recorders to switch on.

    Returns
    -------
    list of (int, int)
        Address and 32-bit data, in order. The machine must be idle.
    """
    spec, recording = program.spec, program.recording
    offsets = program.offsets - sign_excess(program.weights, spec, program.directed)
    words = weight_matrix(program).ravel() if spec.dense else program.weights
    writes = [(Register.WEIGHTS, word) for word in plane_weights(words, spec.weight.width)]
    writes += [(Register.OFFSETS, _unsigned(word)) for word in offsets]
    writes += _table_writes(program.tables)
    writes += [(Register.SEGMENT_ADDRESS, 0)]
    for page, n_sweeps in program.segments:
        writes += [(Register.SEGMENT_PAGE, page), (Register.SEGMENT_SWEEPS, n_sweeps)]
    writes += [
        (Register.SEGMENTS, len(program.segments)),
        (Register.RECORD_AFTER, recording.after),
        (Register.RECORD_EVERY, recording.every),
        (Register.RECORD_WHERE, where if spec.moment_bits else where & ~Where.MOMENTS),
    ]
    return [(int(address), int(data)) for address, data in writes]


def weight_matrix(program):
    """Return the coupling words of a dense fabric; ndarray, shape (n_pbits, n_pbits), int64.

    Row i is what p-bit i reads, column k the p-bit at place k of the order.
    """
    spec = program.spec
    matrix = np.zeros((spec.n_pbits, spec.n_pbits), dtype=np.int64)
    for i, pairs in enumerate(program.read_words):
        for j, word in pairs:
            matrix[i, spec.colors[j]] = word
    return matrix


def start_writes(program, seed, chain=0):
    """Return the writes that seed a loaded machine, set its first state, and start it.

    Parameters
    ----------
    program : Program
        Gives the first state and the clamps.
    seed, chain : int
        Seed of the run and number of the chain, as for `seed_words`.

    Returns
    -------
    list of (int, int)
        Address and data. The clamp plane is filled twice: once to set every p-bit, then with the real clamps.
    """
    first = [(Register.CLAMPS, 2 | int(bit)) for bit in program.initial_bits]
    held = [(Register.CLAMPS, 2 | int(clamp > 0) if clamp else 0) for clamp in program.clamps]
    seeds = [(Register.SEEDS, int(word)) for word in program.seed_words(seed, chain).ravel()]
    load = [(Register.CONTROL, Control.LOAD | Control.CLEAR)]
    return [(int(a), int(d)) for a, d in seeds + first + load + held + [(Register.CONTROL, Control.RUN)]]


def _table_writes(tables):
    return [(Register.TABLE_ADDRESS, 0)] + [(Register.TABLE_DATA, int(word)) for word in np.ravel(tables)]


def _unsigned(word):
    return int(word) & 0xFFFFFFFF
