"""The exact distribution of the quantised chromatic chain: what a faultless machine with ideal random words samples.

States are numbered as in `states`: bit i of the index is the bit of p-bit i. The distribution is the one *after whole
sweeps*, which is when snapshots are taken. An update order is a list of blocks of p-bits; the members of one block
update in the same clock, from the state before it, even if they are coupled. The default order is the fabric's
colours. Clamped p-bits stay at their clamp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError
from .chain_kernels import update_one, update_together
from .states import check_n_spins

MAX_DENSE_PBITS = 12  # a matrix of 2^12 x 2^12 float64 takes 128 MiB


def conditional_up(program, page=0):
    """Return the probability that each p-bit comes up, given the state.

    Parameters
    ----------
    program : Program
        At most 20 p-bits.
    page : int
        Page of the activation tables.

    Returns
    -------
    ndarray, shape (2**n, n), float64
        Threshold over 2**compare_bits at the field word; 0 or 1 for a clamped p-bit. Column i does not depend on
        bit i of the state.
    """
    return _conditionals(program, page).T


def _conditionals(program, page):
    """Return the transpose of `conditional_up`, each p-bit's values side by side."""
    spec = program.spec
    check_n_spins(spec.n_pbits)
    if page not in range(len(program.tables)):
        raise InputError(f"Page must be in 0..{len(program.tables) - 1}, not {page!r}")
    probabilities = np.asarray(program.tables[page], dtype=np.float64) / 2.0**spec.compare_bits
    ups = np.empty((spec.n_pbits, 1 << spec.n_pbits))
    for i in range(spec.n_pbits):
        if program.clamps[i]:
            ups[i] = program.clamps[i] > 0
        else:
            words, _ = spec.field_words(accumulators_of_states(program, i))
            ups[i] = probabilities[words & (spec.n_table_entries - 1)]
    return ups


def accumulators_of_states(program, pbit):
    """Return the exact local field of one p-bit in every state; shape (2**n,), int64, in accumulator units."""
    spec = program.spec
    weights = np.zeros(spec.n_pbits, dtype=np.int64)
    for neighbor, word in program.read_words[pbit]:
        weights[neighbor] = word
    sums = np.zeros(1, dtype=np.int64)
    for weight in weights:
        sums = np.concatenate([sums, sums + weight])
    return program.offsets[pbit] + (sums << spec.weight_shift)


@dataclass(frozen=True, eq=False)
class SweepOperator:
    """One sweep of the chain, as a map of distributions.

    Parameters
    ----------
    ups : ndarray, shape (n, 2**n), float64
        Probability that each p-bit comes up, given the state.
    blocks : tuple of (tuple of int, tuple of int)
        For each clock the p-bits that must be redrawn together, because they are coupled to each other, and those
        that may be redrawn one by one.
    free : ndarray, shape (n,), bool
        P-bits that are not clamped.
    """

    ups: np.ndarray
    blocks: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    free: np.ndarray

    @property
    def n_pbits(self):
        """Number of p-bits."""
        return len(self.ups)

    @property
    def kept(self):
        """P-bits whose value before a sweep matters after it; ndarray of int64.

        Not among them: clamped p-bits, and those that the first clock redraws before anyone reads them.
        """
        forgotten = self.blocks[0][1] if self.blocks else ()
        return np.array([i for i in np.flatnonzero(self.free) if i not in forgotten], dtype=np.int64)

    def apply(self, law):
        """Return the distribution after one sweep; a new ndarray, shape (2**n,), float64."""
        law = np.array(law, dtype=np.float64)
        if law.shape != self.ups.shape[1:]:
            raise InputError(f"Distribution must have 2^{self.n_pbits} probabilities, not the shape {law.shape}")
        for together, alone in self.blocks:
            if together:
                law = update_together(law, self.ups[list(together)], np.array(together, dtype=np.int64))
            for pbit in alone:
                update_one(law, self.ups[pbit], pbit)
        return law

    def matrix(self):
        """Return the dense transition matrix; ndarray, shape (2**n, 2**n), row = from, column = to."""
        n_states = self.ups.shape[1]
        if self.n_pbits > MAX_DENSE_PBITS:
            size = 8 * n_states**2 / 2**20
            raise InputError(
                f"P-bits must be at most {MAX_DENSE_PBITS} for a dense transition matrix, not {self.n_pbits}, "
                f"which take {size:.0f} MiB"
            )
        rows = np.zeros((n_states, n_states))
        for state in range(n_states):
            rows[state, state] = 1.0
            rows[state] = self.apply(rows[state])
        return rows


def sweep_operator(program, page=0, order=None):
    """Return one sweep of the chain of a program.

    Parameters
    ----------
    program : Program
        At most 20 p-bits.
    page : int
        Page of the activation tables.
    order : sequence of sequences of int, optional
        Blocks of p-bits, one block a clock; the fabric's colours in order by default.

    Returns
    -------
    SweepOperator
    """
    spec = program.spec
    if order is None:
        colors = np.asarray(spec.colors)
        order = [np.flatnonzero(colors == color).tolist() for color in range(spec.n_colors)]
    blocks = []
    for block in order:
        members = [int(i) for i in block]
        if len(set(members)) != len(members) or not set(members) <= set(range(spec.n_pbits)):
            raise InputError(f"Block must list distinct p-bits out of 0..{spec.n_pbits - 1}, not {members}")
        blocks.append(_split_block(program, [i for i in members if not program.clamps[i]]))
    return SweepOperator(_conditionals(program, page), tuple(blocks), np.asarray(program.clamps) == 0)


def _split_block(program, members):
    """Split the free members of a block into those coupled to another member and the others.

    The others neither read nor are read by the block, so that redrawing them one by one afterwards changes nothing.
    """
    reads = {(i, j) for i in members for j, word in program.read_words[i] if j in members and word != 0}
    coupled = {i for pair in reads for i in pair}
    return tuple(i for i in members if i in coupled), tuple(i for i in members if i not in coupled)


def apply_sweep(law, program, page=0, order=None):
    """Return the distribution after one more sweep; see `sweep_operator`, and keep that for many sweeps."""
    return sweep_operator(program, page, order).apply(law)


def transition_matrix(program, page=0, order=None):
    """Return the matrix of one sweep, shape (2**n, 2**n), row = from, column = to, for at most 12 p-bits.

    From a state that contradicts the clamps, clamped p-bits stay where they are.
    """
    return sweep_operator(program, page, order).matrix()
