import re
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.golden.fabric.arrays import golden_arrays
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.conditionals import KINDS, measure_conditionals, pages_of_states
from spinchip.emulator.stats.judging import golden_evidence
from spinchip.emulator.stats.rewiring import rewired


def odd_program():
    """Three colours, formats that round and saturate, a clamp, two pages."""
    edges = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (1, 5)]
    values = [0.7, -0.45, 0.3, 0.9, -0.6, 0.35, 0.8]
    instance = IsingInstance.from_edges(6, edges, values, [0.3, -0.2, 0.0, 0.15, -0.4, 0.1])
    options = FabricOptions(weight=Fixed(0, 5), bias=Fixed(0, 3), field=Fixed(0, 3), compare_bits=9)
    schedule = Schedule(((0.4, 30), (0.9, 30)))
    return compile_program(instance, fabric_for(instance, options), schedule, clamps=[0, 0, 0, 0, 1, 0])


def updates_of(program, spins):
    """Yield (chain, sweep, p-bit, page, word, p, bit, residual) of every update, by the book."""
    spec = program.spec
    pages = np.repeat([page for page, _ in program.segments], [count for _, count in program.segments])
    for chain, states in enumerate(spins):
        bits = (states[0] > 0).astype(int)
        for sweep in range(1, len(states)):
            for color in range(spec.n_colors):
                for i in range(spec.n_pbits):
                    if spec.colors[i] == color and program.clamps[i] == 0:
                        seen = [int(program.weights[edge]) * bits[j] for j, edge in spec.neighbors[i]]
                        word = int(spec.field_words(program.offsets[i] + (sum(seen) << spec.weight_shift))[0])
                        page = pages[sweep - 1]
                        p = program.tables[page][word % spec.n_table_entries] / 2.0**spec.compare_bits
                        drawn = int(states[sweep, i] > 0)
                        yield chain, sweep, i, page, word, p, drawn, drawn - p
                bits = np.where(np.asarray(spec.colors) == color, states[sweep] > 0, bits).astype(int)


@pytest.fixture(scope="module")
def odd(naive):
    program = odd_program()
    spins = naive(program, 7, np.random.default_rng(1))
    return program, spins, list(updates_of(program, spins))


def test_odd_design_is_hard_enough(odd):
    program, _, updates = odd
    spec = program.spec
    assert spec.n_colors == 3
    assert spec.field_shift > 0
    words = {update[4] for update in updates}
    assert {spec.field.min_word, spec.field.max_word} & words  # saturates


def test_counts_equal_a_naive_reconstruction(odd):
    program, spins, updates = odd
    expected = np.zeros((2, 6, program.spec.n_table_entries, 2), dtype=int)
    for _, _, i, page, word, _, drawn, _ in updates:
        expected[page, i, word % program.spec.n_table_entries, drawn] += 1
    assert np.array_equal(measure_conditionals(program, spins).counts, expected)


def factors_of(spec, spins, residuals, chain, sweep, i):
    """Yield (kind, factor) of the residual of one update, by the definitions of the kinds."""
    color, slot = spec.colors[i], spec.slots[i]
    before = (chain, sweep, color - 1) if color else (chain, sweep - 1, spec.n_colors - 1)
    yield 0, float(spins[chain, sweep - 1, i])
    yield 1, residuals.get((chain, sweep - 1, i), 0.0)
    for j in range(spec.n_pbits):
        if spec.colors[j] == before[2] and spec.slots[j] in (slot, slot ^ 1):
            yield (2 if spec.slots[j] == slot else 3), residuals.get((*before[:2], j), 0.0)
        if j < i and spec.colors[j] == color and spec.slots[j] == slot ^ 1:
            yield 4, residuals.get((chain, sweep, j), 0.0)


def test_residual_sums_equal_a_naive_reconstruction(odd):
    program, spins, updates = odd
    residuals = {(chain, sweep, i): residual for chain, sweep, i, *_, residual in updates}
    expected = np.zeros((len(KINDS), 6, 3))
    for chain, sweep, i, _, _, p, _, residual in updates:
        v = p * (1 - p)
        for kind, x in factors_of(program.spec, spins, residuals, chain, sweep, i):
            expected[kind, i] += x * residual, x * x * v, x**3 * v * (1 - 2 * p)
    np.testing.assert_allclose(measure_conditionals(program, spins).kind_sums, expected, atol=1e-9)
    assert (expected[..., 1].sum(axis=1) > 0).all()  # every kind occurs


def test_wire_sums_equal_a_naive_reconstruction(odd):
    program, spins, updates = odd
    wires = [(i, j) for i, pairs in enumerate(program.spec.neighbors) for j, _ in pairs]
    expected = np.zeros((len(wires), 3))
    for chain, sweep, i, _, _, p, _, residual in updates:
        for wire, (reader, j) in enumerate(wires):
            if reader == i:
                seen = sweep if program.spec.colors[j] < program.spec.colors[i] else sweep - 1
                s, v = float(spins[chain, seen, j]), p * (1 - p)
                expected[wire] += s * residual, v, s * v * (1 - 2 * p)
    np.testing.assert_allclose(measure_conditionals(program, spins).wire_sums, expected, atol=1e-9)


def test_pair_sums_equal_all_pairs_and_triples(odd):
    program, spins, updates = odd
    expected, steps = np.zeros((3, 3)), {}
    for chain, sweep, i, _, _, p, _, residual in updates:
        moments = np.array([residual, p * (1 - p), p * (1 - p) * (1 - 2 * p)])
        steps.setdefault((chain, sweep, program.spec.colors[i]), []).append(moments)
    for (_, _, color), members in steps.items():
        for a, b in combinations(members, 2):
            expected[color] += a * b
        for a, b, c in combinations(members, 3):
            expected[color, 2] += 6 * a[1] * b[1] * c[1]  # six orders of the three pairs that they form
    np.testing.assert_allclose(measure_conditionals(program, spins).pair_sums, expected, atol=1e-9)


def test_thinned_states_test_the_last_colour_only(odd):
    program, spins, updates = odd
    found = measure_conditionals(program, spins[:, ::5], every=5)
    expected = np.zeros_like(found.counts)
    for _, sweep, i, page, word, _, drawn, _ in updates:
        if sweep % 5 == 0 and program.spec.colors[i] == 2:
            expected[page, i, word % program.spec.n_table_entries, drawn] += 1
    assert np.array_equal(found.counts, expected)
    assert expected.sum() > 0
    assert not found.kind_sums[:4].any()  # words between thinned states are unknown


def test_broken_clamp_is_certain(odd):
    program, spins, _ = odd
    assert measure_conditionals(program, spins).tests()[-1].p_value == 1.0
    broken = spins.copy()
    broken[3, 17, 4] = -1
    clamped = measure_conditionals(program, broken).tests()[-1]
    assert (clamped.name, clamped.statistic, clamped.p_value) == ("clamped p-bits", 1, 0.0)


def score(program, spins, name):
    return next(test for test in measure_conditionals(program, spins).tests() if test.name.startswith(name))


class Correlated:
    """Uniform numbers in which chosen p-bits repeat a number that another p-bit read."""

    def __init__(self, repeats, share):
        self.repeats, self.share, self.last = repeats, share, {}

    def __call__(self, rng, i, sweep):
        n = 500
        fresh = rng.random(n)
        source = self.last.get(self.repeats.get(i))
        number = fresh if source is None else np.where(rng.random(n) < self.share, source, fresh)
        self.last[i] = number
        return number


@pytest.mark.promise("gate.conditionals")
@pytest.mark.parametrize(
    ("name", "repeats"),
    [
        ("pairs inside a colour", {4: 2}),
        ("residual against the other slice's residual in the same word", {2: 0}),
        ("residual against the random slot's residual one word before", {1: 0, 3: 2, 5: 4}),
        ("residual against the other slice's residual one word before", {1: 2, 3: 0}),
        ("residual against own residual before", {i: i for i in range(6)}),
    ],
)
def test_repeated_words_are_seen_where_they_act(ring, program_of, naive, name, repeats):
    program = program_of(ring(), n_sweeps=40)
    assert program.spec.slots == (0, 0, 1, 1, 2, 2)
    # 500 chains of 40 sweeps: a share c of repeated words correlates residuals by c times the overlap of two sigmas,
    # 0.4 or more; 20 000 products of one pair resolve 0.007, the six pairs of a sweep together sqrt(6) times as much.
    # With c = 0.2 the weakest case is 0.2 * 0.4 / (0.007 * 2.45) = 4.7 + what better overlap adds (10 measured).
    honest = naive(program, 500, np.random.default_rng(2), Correlated({}, 0.0))
    broken = naive(program, 500, np.random.default_rng(3), Correlated(repeats, 0.2))
    assert score(program, honest, name).p_value > 1e-3
    assert score(program, broken, name).p_value < 1e-6


def test_one_dead_wire_of_many_is_seen(program_of):
    # One of 200 directed wires of a chain of 101 spins reads 0. Its p-bit is updated 150 * 40 times with p (1 - p) of
    # 0.25 at most, so that its residuals sum to 39 or less by chance; whenever the neighbour is up, half the time, p
    # falls by 0.38 or so: more than 1000 in all. In the chi-square over all cells that is one fault among 300.
    n = 101
    instance = IsingInstance.from_edges(n, [(i, i + 1) for i in range(n - 1)], np.ones(n - 1), np.zeros(n))
    program = program_of(instance, n_sweeps=40)
    dead = rewired(golden_arrays(program), reader=50, neighbor=51, weight=0)
    for arrays, is_seen in ((None, False), (dead, True)):
        spins = golden_evidence(program, 150, 1, arrays=arrays).spins
        for name in ("worst residual against a neighbour's spin", "worst p-bit and field"):
            assert (score(program, spins, name).p_value < 1e-6) == is_seen


@pytest.mark.promise("gate.conditionals")
def test_wrong_probability_is_seen_by_field(ring, program_of, naive):
    program, wrong = program_of(ring(), n_sweeps=40), program_of(ring(bias=0.35), n_sweeps=40)
    # A bias too large by 0.05 moves sigma(2 beta I) by about 0.05 v; the sum of v is 500 * 40 * 6 * 0.1 = 1.2e4 or
    # more, so all bits together are 0.05 sqrt(1.2e4) = 5.5 sigma off, and the 18 pairs of p-bit and field see it less.
    honest, broken = (naive(p, 500, np.random.default_rng(4)) for p in (program, wrong))
    assert score(program, honest, "all bits").p_value > 1e-3
    assert score(program, broken, "all bits").p_value < 1e-6


def test_unsliced_words_have_no_other_slice(ring, program_of, naive):
    program = program_of(ring(), n_sweeps=40, random=RandomSpec(slices=1))
    names = [test.name for test in measure_conditionals(program, naive(program, 500, np.random.default_rng(5))).tests()]
    assert any("random slot" in name for name in names)
    assert not any("other slice" in name for name in names)


def test_bins_keep_every_update(ring, program_of, naive):
    program = program_of(ring(), n_sweeps=40)
    found = measure_conditionals(program, naive(program, 500, np.random.default_rng(6)))
    fields, sums = found.by_field()
    np.testing.assert_allclose(fields, [-1.703125, 0.296875, 2.296875])  # h rounds to 38/128
    assert sums.variance.sum() == pytest.approx(found.cells[2].sum())
    assert found.n_updates == 500 * 40 * 6
    assert found.z_max == np.abs(sums.scores()).max()


def test_pages_follow_the_schedule():
    program = odd_program()
    assert pages_of_states(program, 61).tolist() == [0] * 31 + [1] * 30
    assert pages_of_states(program, 4, every=10, after=20).tolist() == [0, 0, 1, 1]
    with pytest.raises(InputError, match=r"^Recorded states must lie within the 60 sweeps of the program, not 61$"):
        pages_of_states(program, 62)


@pytest.mark.parametrize("shape", [(6,), (2, 1, 6), (2, 4, 5)])
def test_spins_of_a_wrong_shape_are_refused(shape):
    text = f"Spins must have shape (chains, 2 or more states, 6), not {shape}"
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        measure_conditionals(odd_program(), np.ones(shape, dtype=np.int8))


@pytest.mark.promise("gate.conditionals")
def test_scores_by_field_are_standard_normal(ring, program_of, naive):
    program, rng = program_of(ring(), n_sweeps=20), np.random.default_rng(7)
    scores = [measure_conditionals(program, naive(program, 100, rng)).by_field()[1].scores() for _ in range(400)]
    assert stats.kstest(np.ravel(scores), "norm").pvalue > 1e-3
