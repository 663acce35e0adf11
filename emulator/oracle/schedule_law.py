"""The exact distribution of a program's states along its schedule, sweep by sweep, from a given first state."""

from __future__ import annotations

from collections import deque
from itertools import chain, islice

import numpy as np

from ..spec.errors import InputError
from .chain_law import sweep_operator
from .states import check_n_spins, state_indices


def initial_law(program, initial_bits=None):
    """Return the distribution that is certain of the first state, clamps applied; ndarray, shape (2**n,), float64.

    Parameters
    ----------
    program : Program
        Gives the clamps, and the first state by default.
    initial_bits : array_like, shape (n,), uint8, optional
        Another first state, 0/1.
    """
    check_n_spins(program.spec.n_pbits)
    bits = np.asarray(program.initial_bits if initial_bits is None else initial_bits)
    if bits.shape != (program.spec.n_pbits,) or not np.isin(bits, (0, 1)).all():
        raise InputError(f"Initial bits must be {program.spec.n_pbits} values out of 0, 1")
    bits = np.where(program.clamps != 0, program.clamps > 0, bits)
    law = np.zeros(1 << len(bits))
    law[state_indices(bits)] = 1.0
    return law


def laws_along(program, initial_bits=None, order=None):
    """Yield the exact distribution after sweep 1, 2, ... of the whole schedule, page by page.

    Parameters
    ----------
    program, initial_bits
        Same meaning as in `initial_law`.
    order
        Blocks of p-bits that update together, see `sweep_operator`.
    """
    law = initial_law(program, initial_bits)
    for page, n_sweeps in program.segments:
        operator = sweep_operator(program, page, order)
        for _ in range(n_sweeps):
            law = operator.apply(law)
            yield law


def law_after(program, n_sweeps=None, initial_bits=None, order=None):
    """Return the exact distribution after the first ``n_sweeps`` sweeps of the schedule, all of them by default.

    Returns
    -------
    ndarray, shape (2**n,), float64

    Raises
    ------
    InputError
        If the schedule has fewer sweeps.
    """
    n_sweeps = program.n_sweeps if n_sweeps is None else n_sweeps
    if n_sweeps not in range(program.n_sweeps + 1):
        raise InputError(f"Sweeps must be in 0..{program.n_sweeps}, the schedule of the program, not {n_sweeps!r}")
    laws = islice(laws_along(program, initial_bits, order), n_sweeps)
    return deque(chain([initial_law(program, initial_bits)], laws), maxlen=1).pop()


def recorded_law(program, initial_bits=None, order=None):
    """Return the mean distribution of the sweeps that the program records: the expected histogram of its snapshots.

    It holds from the first sweep on, so that a short run needs no burn-in to be tested against it.

    Returns
    -------
    ndarray, shape (2**n,), float64
    """
    after, every = program.recording.after, program.recording.every
    total, n_kept = np.zeros(1 << program.spec.n_pbits), 0
    for sweep, law in enumerate(laws_along(program, initial_bits, order), start=1):
        if sweep > after and (sweep - after) % every == 0:
            total, n_kept = total + law, n_kept + 1
    if n_kept == 0:
        raise InputError(f"Recording must keep a sweep of the schedule's {program.n_sweeps}, not {program.recording}")
    return total / n_kept
