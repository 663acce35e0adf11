r"""Chromatic Gibbs with 512 chains in one vector of bits, exact to 2^-64 of a probability.

Couplings and biases are whole multiples of a unit: J = u k, h = u b. A word holds one spin of 64 chains. The spins of
the neighbours, turned over where k < 0, are added by full adders, so that one row of words holds one bit of the sum of
all chains. With W = sum \|k\| and C = sum \|k\| [k s > 0],

.. math:: I/u = 2 C - W + b = \\pm (2 m + q), \\qquad q = (W - b) \bmod 2,

which a conditional negation splits into a sign and a class m. A spin points against its field with probability
T_m / 2^64 = 1 / (1 + exp(2 beta u (2 m + q))). The comparison of a 64-bit random number with T_m runs from the top
bit: one random word per bit and 64 decisions. Each bit leaves half of the undecided chains undecided, so 512 chains
are decided after ten bits on average; `SURE_PLANES` run without a test, then single ones until all chains are decided.
No random bit is used twice, and what is left of them is thrown away.
"""

from functools import cache

from numba import njit

from ..kernels.lanes import any_set, splat, view
from ..kernels.random_lanes import advance
from .bit_fields import ALL_ONES, GROUP_WORDS, add_carries, add_inputs, get_row, set_row, split_field

N_PLANES = 64
SURE_PLANES = 12  # leaves a 512-chain group undecided one time in eight; 10 and 14 are no faster


def scratch_words(n_bits, n_classes, n_inputs):
    """Return the words of scratch that `bit_sweeps` needs, for at most ``n_inputs`` inputs of one row."""
    return (n_bits + n_classes + 2 * (n_inputs + n_bits)) * GROUP_WORDS


@njit(cache=True)
def _threshold_bits(table, start, scratch, first_mask, n_classes):
    """Return one bit of every chain's threshold."""
    bits = splat(table[start], GROUP_WORDS)
    for kind in range(1, n_classes):
        bits = bits ^ (get_row(scratch, first_mask + kind) & splat(table[start + kind], GROUP_WORDS))
    return bits


@njit(cache=True)
def _compare(limit, word, undecided, below):
    """Compare one more bit; return who is undecided still, and whose random number is below the threshold."""
    differs = limit ^ word
    below = below | (undecided & differs & limit)
    return undecided & (differs ^ splat(ALL_ONES, GROUP_WORDS)), below


@cache
def bit_sweeps(n_bits, n_classes):
    """Return the kernel for sums of ``n_bits`` bits and ``n_classes`` classes.

    Both are compile-time constants: loops of known length keep everything in registers, which doubles the speed.

    Returns
    -------
    function of (graph, words, state, table, scratch, n_sweeps)
        Updates every free spin of one group ``n_sweeps`` times. ``words``, shape (n_spins * 8,), and ``state``,
        shape (4 * 8,), are changed in place; ``table``, shape (2 * 64 * n_classes,), comes from `threshold_table`.
    """

    @njit(cache=True, nogil=True)
    def sweeps(graph, words, state, table, scratch, n_sweeps):
        n_rows = len(graph.starts)
        pointers, inputs = view(graph.pointers), view(graph.inputs)
        starts, constants = view(graph.starts), view(graph.constants)
        first_carry = n_bits + n_classes
        second_carry = first_carry + (len(scratch) // GROUP_WORDS - first_carry) // 2
        words, state, table, scratch = view(words), view(state), view(table), view(scratch)
        ones = splat(ALL_ONES, GROUP_WORDS)
        a, b, c, d = get_row(state, 0), get_row(state, 1), get_row(state, 2), get_row(state, 3)
        for _ in range(n_sweeps):
            for row in range(n_rows):
                base = starts[row]
                read, last, write = first_carry, first_carry, second_carry
                for column in range(n_bits):
                    bit = splat(constants[base + column], GROUP_WORDS)
                    slot = row * n_bits + column
                    bit, out = add_inputs(inputs, words, (pointers[slot], pointers[slot + 1]), bit, scratch, write)
                    bit, out = add_carries(scratch, (read, last), bit, out)
                    set_row(scratch, column, bit)
                    read, last, write = write, out, read
                whole = constants[base + n_bits]
                up = split_field(scratch, splat(whole, GROUP_WORDS), n_bits, n_classes)
                start = 0 if whole else N_PLANES * n_classes
                undecided, against = ones, ones ^ ones
                for plane in range(SURE_PLANES):
                    word, a, b, c, d = advance(a, b, c, d)
                    limit = _threshold_bits(table, start + plane * n_classes, scratch, n_bits, n_classes)
                    undecided, against = _compare(limit, word, undecided, against)
                plane = SURE_PLANES
                while plane < N_PLANES and any_set(undecided):
                    word, a, b, c, d = advance(a, b, c, d)
                    limit = _threshold_bits(table, start + plane * n_classes, scratch, n_bits, n_classes)
                    undecided, against = _compare(limit, word, undecided, against)
                    plane += 1
                set_row(words, row, up ^ against)
        set_row(state, 0, a)
        set_row(state, 1, b)
        set_row(state, 2, c)
        set_row(state, 3, d)

    return sweeps
