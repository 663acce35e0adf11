"""Golden p-computers on words from outside: what junctions at the entropy port do to the distribution."""

from __future__ import annotations

import numpy as np

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.loading import program_writes, start_writes
from ...emulator.spec.fabric.register_map import Where
from ...emulator.spec.spins import spins_from_bits


def run_with_words(program, words):
    """Run one golden machine, one word at the entropy port in every clock of a sweep.

    Parameters
    ----------
    program : Program
        With an external random source; its schedule is run once.
    words : iterable of int
        As many as there are clocks, colours times sweeps; see `entropy_stages.words_of`.

    Returns
    -------
    ndarray, shape (1 + n_sweeps, n), int8
        The first state, and that after every sweep.

    Raises
    ------
    InputError
        If there are too few words.
    """
    machine, words = machine_for(program.spec), iter(words)
    for address, data in program_writes(program, Where(0)) + start_writes(program, 0):
        machine.tick(address, True, data)
    states, before = [machine.bits[:, 0].copy()], machine.sweeps
    while machine.busy:
        word = 0
        if machine.phase == machine.phase.SWEEP:
            word = next(words, None)
            if word is None:
                raise InputError(f"Words must be {program.sweep_clocks}, one a clock, not fewer")
        machine.tick(entropy=word)
        if machine.sweeps != before:
            before = machine.sweeps
            states.append(machine.bits[:, 0].copy())
    return spins_from_bits(np.array(states))
