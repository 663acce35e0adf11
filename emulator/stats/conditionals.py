"""Bits against the probabilities of the fields that drew them: the test that sees faults of the randomness.

Every update of recorded chains can be reconstructed, because a p-bit of colour c saw its neighbours of lower colour
as they are after the sweep and those of higher colour as they were before it. So each bit is compared with the
probability that the honest design gives it, whatever state the chain was in. See `martingale` for why no
autocorrelation enters, and the notes' finding that an uncoupled p-bit tested alone hides the faults found here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..spec.errors import InputError
from .conditional_kernels import correlate_residuals, count_updates
from .martingale import MIN_VARIANCE, MartingaleSums, largest_of, merge_by_variance, sum_of_squares, two_sided
from .verdict import NamedTest

NO_PARTNER, OWN_SPIN = -1, -2
KINDS = (
    "residual against own spin before",
    "residual against own residual before",
    "residual against the random slot's residual one word before",
    "residual against the other slice's residual one word before",
    "residual against the other slice's residual in the same word",
)


def pages_of_states(program, n_states, every=1, after=0):
    """Return the table page of the sweep that led to each recorded state; ndarray, shape (n_states,), int64.

    Parameters
    ----------
    program : Program
        Program whose schedule is used.
    n_states, every, after : int
        State t was recorded after sweep ``after + t * every``; state 0 after none is the first state, whose page
        is not used.
    """
    pages = np.repeat([page for page, _ in program.segments], [n_sweeps for _, n_sweeps in program.segments])
    sweeps = after + every * np.arange(n_states)
    if sweeps[-1] > len(pages):
        raise InputError(f"Recorded states must lie within the {len(pages)} sweeps of the program, not {sweeps[-1]}")
    return pages[np.maximum(sweeps - 1, 0)].astype(np.int64)


def measure_conditionals(program, spins, pages=None, every=1):
    """Compare every reconstructable update with its probability.

    Parameters
    ----------
    program : Program
        The honest design that the sampler claims to run.
    spins : ndarray, shape (n_chains, n_states, n), int8
        Recorded states. With ``every`` 1 they are those of consecutive sweeps, the one before the first sweep
        included. Otherwise only the p-bits of the last colour can be tested, in all states but the first.
    pages : ndarray, shape (n_states,), int64, optional
        Table page of each state; `pages_of_states` makes the default.
    every : int
        Sweeps from one state to the next.

    Returns
    -------
    Conditionals
    """
    spins = np.ascontiguousarray(spins, dtype=np.int8)
    spec = program.spec
    if spins.ndim != 3 or spins.shape[2] != spec.n_pbits or spins.shape[1] < 2:
        raise InputError(f"Spins must have shape (chains, 2 or more states, {spec.n_pbits}), not {spins.shape}")
    pages = pages_of_states(program, spins.shape[1], every) if pages is None else np.asarray(pages, dtype=np.int64)
    graph, arithmetic = _graph(program)
    order, color_end = _tested(program, every)
    counts = np.zeros((len(program.tables), spec.n_pbits, spec.n_table_entries, 2), dtype=np.int64)
    count_updates(spins, pages, order, graph, arithmetic, counts)
    probabilities = program.tables / 2.0**spec.compare_bits
    plan = (order, color_end, _partners(spec, every))
    sums = correlate_residuals(spins, pages, plan, graph, arithmetic, probabilities)
    held = program.clamps != 0
    n_broken_clamps = int(np.count_nonzero(spins[:, :, held] != program.clamps[held]))
    return Conditionals(program, counts, *sums, n_broken_clamps)


def _graph(program):
    """Return neighbour lists and arithmetic of a program for the kernels; written from `FabricSpec`, not golden."""
    spec = program.spec
    degrees = [len(pairs) for pairs in program.read_words]
    flat = [(j, word << spec.weight_shift) for pairs in program.read_words for j, word in pairs]
    index, weight = np.array(flat, dtype=np.int64).reshape(-1, 2).T.copy()
    start = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64)
    arithmetic = (spec.field_shift, spec.field.min_word, spec.field.max_word, spec.n_table_entries - 1)
    return (start, index, weight, program.offsets.astype(np.int64)), arithmetic


def _tested(program, every):
    """Return the p-bits whose updates can be reconstructed, in update order, and where each colour ends."""
    colors = np.asarray(program.spec.colors)
    free = program.clamps == 0
    kept = free if every == 1 else free & (colors == colors.max())
    order = np.argsort(colors, kind="stable")
    order = order[kept[order]].astype(np.int64)
    return order, np.searchsorted(colors[order], np.arange(colors.max() + 1), side="right").astype(np.int64)


def _partners(spec, every):
    """Return for each of `KINDS` the p-bit whose residual multiplies that of p-bit i; see the kernel."""
    colors, slots = np.asarray(spec.colors), np.asarray(spec.slots)
    at = {(color, slot): i for i, (color, slot) in enumerate(zip(colors.tolist(), slots.tolist(), strict=True))}
    partners = np.full((len(KINDS), spec.n_pbits), NO_PARTNER, dtype=np.int64)
    for i, (color, slot) in enumerate(zip(colors.tolist(), slots.tolist(), strict=True)):
        other = slot ^ 1 if spec.random.slices == 2 else None
        before = (color - 1) % spec.n_colors
        if every == 1:
            partners[0, i] = OWN_SPIN
            partners[1, i] = i
            partners[2, i] = at.get((before, slot), NO_PARTNER)
            partners[3, i] = at.get((before, other), NO_PARTNER)
        same_word = at.get((color, other), NO_PARTNER)
        partners[4, i] = same_word if 0 <= same_word < i else NO_PARTNER
    return partners


@dataclass(frozen=True, eq=False)
class Conditionals:
    """Updates of recorded chains, sorted by what they should have done.

    Parameters
    ----------
    program : Program
        Program of the design without a fault.
    counts : ndarray, shape (n_pages, n, n_table_entries, 2), int64
        Updates by page, p-bit, table index and drawn bit.
    kind_sums : ndarray, shape (len(KINDS), n, 3), float64
        Residual correlations, see `correlate_residuals`.
    pair_sums : ndarray, shape (n_colors, 3), float64
        Products of residuals inside a colour.
    wire_sums : ndarray, shape (2 n_edges, 3), float64
        Residual of each p-bit times the spin of each of its neighbours, p-bit by p-bit. Those of one p-bit depend on
        each other, so that only the largest is tested: Sidak's p-value is then on the safe side.
    n_broken_clamps : int
        Recorded spins that a clamp should have held and did not.
    """

    program: object
    counts: np.ndarray
    kind_sums: np.ndarray
    pair_sums: np.ndarray
    wire_sums: np.ndarray
    n_broken_clamps: int

    @property
    def n_updates(self):
        """Updates that were compared."""
        return int(self.counts.sum())

    @cached_property
    def words(self):
        """Field words, rising; ndarray, shape (n_table_entries,), int64."""
        field = self.program.spec.field
        return np.arange(field.min_word, field.max_word + 1)

    @cached_property
    def cells(self):
        """Sums of bit - p by p-bit and rising field word; four arrays (n, n_table_entries): n, S, V, third."""
        p = (self.program.tables / 2.0**self.program.spec.compare_bits)[:, None, :]
        n_drawn = self.counts.sum(axis=3)
        variance = n_drawn * p * (1.0 - p)
        parts = n_drawn, self.counts[..., 1] - n_drawn * p, variance, variance * (1.0 - 2.0 * p)
        return tuple(part.sum(axis=0)[:, self.words & (len(self.words) - 1)] for part in parts)

    def by_field(self, min_variance=MIN_VARIANCE):
        """Return bits by field over all p-bits, as merged bins.

        Returns
        -------
        fields : ndarray, shape (n_bins,), float64
            Mean field of each bin's updates.
        sums : MartingaleSums
            Bit less probability in each bin.
        """
        n_drawn, *parts = (part.sum(axis=0) for part in self.cells)
        seen = n_drawn > 0
        labels = merge_by_variance(parts[1][seen], min_variance)
        sums = MartingaleSums(*(part[seen] for part in parts)).merged(labels)
        kept = labels >= 0
        weights, fields = n_drawn[seen][kept], self.program.spec.field.values(self.words[seen][kept])
        n_bins = len(sums.total)
        means = np.bincount(labels[kept], weights * fields, n_bins) / np.bincount(labels[kept], weights, n_bins)
        return means, sums

    def by_pbit_and_field(self, min_variance=MIN_VARIANCE):
        """Return bits by p-bit and, inside each p-bit, by field in merged bins; MartingaleSums."""
        n_drawn, *parts = self.cells
        merged = []
        for i in range(len(n_drawn)):
            seen = n_drawn[i] > 0
            sums = MartingaleSums(*(part[i, seen] for part in parts))
            merged.append(sums.merged(merge_by_variance(sums.variance, min_variance)))
        columns = zip(*((sums.total, sums.variance, sums.third) for sums in merged), strict=True)
        return MartingaleSums(*(np.concatenate(column) for column in columns))

    def along_field(self):
        """Return the sum of field times residual, in units of the largest field; MartingaleSums of length 1."""
        n_drawn, *parts = (part.sum(axis=0) for part in self.cells)
        x = self.words / max(1, int(np.abs(self.words[n_drawn > 0]).max(initial=0)))
        return MartingaleSums(*(np.array([part @ x**power]) for power, part in enumerate(parts, start=1)))

    def tests(self, min_variance=MIN_VARIANCE):
        """Return all tests; those whose variance is too small for `MartingaleSums.scores` are left out.

        Returns
        -------
        list of NamedTest
        """
        field_sums = self.by_field(min_variance)[1]
        cell_sums = self.by_pbit_and_field(min_variance)
        wire_sums = MartingaleSums(*self.wire_sums.T).resolved(min_variance)
        found = [
            _largest("bits by field", field_sums),
            _squares("bits by p-bit and field", cell_sums),
            _largest("worst p-bit and field", cell_sums),
            _largest("worst residual against a neighbour's spin", wire_sums),
            _pooled("all bits", field_sums),
            _pooled("bits along the field", self.along_field().resolved(min_variance)),
        ]
        for kind, columns in zip(KINDS, self.kind_sums, strict=True):
            sums = MartingaleSums(*columns.T)
            found.append(_pooled(f"{kind}, pooled", sums.pooled().resolved(min_variance)))
            found.append(_squares(f"{kind}, by p-bit", sums.resolved(min_variance)))
        pairs = MartingaleSums(*self.pair_sums.T).pooled().resolved(min_variance)
        found.append(_pooled("pairs inside a colour", pairs))
        if np.any(self.program.clamps):
            found.append(NamedTest("clamped p-bits", self.n_broken_clamps, 0.0 if self.n_broken_clamps else 1.0))
        return [test for test in found if test is not None]

    @property
    def z_max(self):
        """Size of the largest score of the bits by field; 0 if there were too few updates."""
        return float(np.abs(self.by_field()[1].scores()).max(initial=0.0))


def _largest(name, sums):
    """Return the test of the largest score, or None without sums."""
    scores = sums.scores()
    if not len(scores):
        return None
    return NamedTest(name, float(scores[np.argmax(np.abs(scores))]), largest_of(scores), n_scores=len(scores))


def _squares(name, sums):
    """Return the chi-square test over sums, or None without any."""
    scores = sums.scores()
    return NamedTest(name, float(np.sum(scores**2)), sum_of_squares(scores), len(scores)) if len(scores) else None


def _pooled(name, sums):
    """Return the test of all sums as one, or None without any."""
    if not len(sums.total):
        return None
    score = float(sums.pooled().scores()[0])
    return NamedTest(name, score, float(two_sided(score)))
