"""Oracle against a naive twin in exact fractions: the law of the quantised chromatic chain."""

import dataclasses
import itertools
from fractions import Fraction

import numpy as np
import pytest

from spinchip.emulator.oracle.chain_law import apply_sweep, conditional_up, sweep_operator, transition_matrix
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.schedule_law import law_after, laws_along, recorded_law
from spinchip.emulator.oracle.stationary import StationaryError, relaxation_sweeps, stationary_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule


def random_program(seed, n=5, segments=((0.4, 3), (0.9, 2)), n_clamped=1):
    """Return a program on a random graph in random, often too narrow, formats, with random tables."""
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.7), 1)
    instance = IsingInstance(upper + upper.T, rng.normal(size=n))
    options = FabricOptions(
        weight=Fixed(int(rng.integers(0, 3)), int(rng.integers(0, 4))),
        bias=Fixed(int(rng.integers(0, 3)), int(rng.integers(0, 5))),
        field=Fixed(int(rng.integers(0, 3)), int(rng.integers(0, 3))),
        compare_bits=int(rng.integers(4, 17)),
    )
    clamps = np.zeros(n, dtype=np.int8)
    clamps[rng.permutation(n)[:n_clamped]] = rng.choice([-1, 1], size=n_clamped)
    spec = fabric_for(instance, options)
    program = compile_program(instance, spec, Schedule(segments), clamps=clamps)
    tables = rng.integers(1, 1 << spec.compare_bits, size=program.tables.shape).astype(np.uint32)
    return dataclasses.replace(program, tables=tables)


def naive_up(program, page, bits, i):
    """Return P(p-bit i comes up) from h + sum J s in exact fractions, rounded half up and saturated."""
    spec = program.spec
    if program.clamps[i]:
        return Fraction(int(program.clamps[i] > 0))
    unit = Fraction(1, 2**spec.weight.n_frac)
    couplings = {}
    for number, edge in enumerate(spec.edges):
        if i in edge:
            couplings[edge[0] + edge[1] - i] = int(program.weights[number]) * unit
    bias = Fraction(int(program.offsets[i]), 2**spec.accumulator_frac) + sum(couplings.values())
    field = bias + sum(coupling * (2 * bits[j] - 1) for j, coupling in couplings.items())
    word = (field * 2**spec.field.n_frac + Fraction(1, 2)).__floor__()
    word = min(max(word, spec.field.min_word), spec.field.max_word)
    return Fraction(int(program.tables[page][word % spec.n_table_entries]), 2**spec.compare_bits)


def naive_sweep(program, page, order, law):
    """Return the law {bits: probability} after a sweep, outcome by outcome."""
    for block in order:
        after = {}
        for bits, p in law.items():
            ups = {i: naive_up(program, page, bits, i) for i in block if not program.clamps[i]}
            for outcome in itertools.product((0, 1), repeat=len(ups)):
                new, share = list(bits), p
                for (i, up), bit in zip(ups.items(), outcome, strict=True):
                    new[i] = bit
                    share = share * (up if bit else 1 - up)
                after[tuple(new)] = after.get(tuple(new), 0) + share
        law = after
    return law


def as_vector(law, n):
    vector = np.zeros(2**n)
    for bits, p in law.items():
        vector[sum(bit << i for i, bit in enumerate(bits))] = float(p)
    return vector


def color_blocks(spec):
    return [[i for i in range(spec.n_pbits) if spec.colors[i] == color] for color in range(spec.n_colors)]


ORDERS = {
    "colours": None,
    "sequential": [[0], [1], [2], [3], [4]],
    "all at once": [[0, 1, 2, 3, 4]],
    "neighbours": [[0, 1, 2], [4, 3]],
    "twice": [[4, 0], [1], [0, 2], [3], [1, 4]],
}


@pytest.mark.promise("oracle.chain")
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
@pytest.mark.parametrize("seed", range(6))
def test_matrix_equals_naive_twin(seed, order):
    program = random_program(seed, n_clamped=seed % 3)
    matrix = transition_matrix(program, 1, order)
    for state in range(32):
        start = {tuple(state >> i & 1 for i in range(5)): Fraction(1)}
        naive = naive_sweep(program, 1, order or color_blocks(program.spec), start)
        # Sums of at most 32 products of 5 probabilities: below 1e-15 each.
        assert np.abs(matrix[state] - as_vector(naive, 5)).max() < 1e-15


@pytest.mark.parametrize("seed", range(6))
def test_conditionals_equal_naive_twin(seed):
    program = random_program(seed)
    ups = conditional_up(program, page=1)
    assert ups.shape == (32, 5)
    for state in range(32):
        bits = [state >> i & 1 for i in range(5)]
        assert [float(naive_up(program, 1, bits, i)) for i in range(5)] == ups[state].tolist()


@pytest.mark.promise("oracle.chain")
def test_one_threshold_off_by_one_is_seen():
    program = random_program(2, n_clamped=0)
    tables = program.tables.copy()
    used = program.spec.field_words(program.offsets[:1])[0] & (program.spec.n_table_entries - 1)
    tables[1, used] -= 1
    wrong = dataclasses.replace(program, tables=tables)
    assert np.abs(transition_matrix(program, 1) - transition_matrix(wrong, 1)).max() > 1e-8


@pytest.mark.promise("oracle.chain")
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
@pytest.mark.parametrize("seed", range(4))
def test_stationary_law_equals_the_left_null_vector(seed, order):
    program = random_program(seed, n_clamped=seed % 2)
    matrix = transition_matrix(program, 0, order)
    start = np.flatnonzero(law_after(program, 0))[0]
    reached = np.linalg.matrix_power(matrix, 2**20)[start]  # 2^20 sweeps by squaring: mixed to rounding
    law = stationary_law(program, 0, order)
    assert law.sum() == pytest.approx(1, abs=1e-14)
    assert total_variation(law, reached) < 1e-9  # 2^20 * 2^-52 * a few
    assert total_variation(law, apply_sweep(law, program, 0, order)) < 1e-15


def test_order_of_blocks_matters_to_the_twin_too():
    program = random_program(1, n_clamped=0)
    assert total_variation(stationary_law(program), stationary_law(program, order=[[0, 1, 2, 3, 4]])) > 1e-3


def test_sequential_order_with_a_fine_table_samples_boltzmann():
    rng = np.random.default_rng(4)
    edges = list(itertools.combinations(range(5), 2))
    values, biases = rng.integers(-3, 4, size=10) / 4, rng.integers(-4, 5, size=5) / 8
    instance = IsingInstance.from_edges(5, edges, values, biases)
    options = FabricOptions(field=Fixed(3, 3), compare_bits=32, random=RandomSpec(slices=1))
    program = compile_program(instance, fabric_for(instance, options), Schedule.constant(0.7, 1))
    target = boltzmann_law(instance, 0.7)
    # Formats hold every number; thresholds err by 2^-33. Reversible for that error, so the log-odds of a state err by
    # at most 5 spins * 2^-33 / min p(1 - p) with p(1 - p) > 4e-3 at |field| <= 3.5: below 2e-7, and TV by a quarter.
    assert total_variation(stationary_law(program, order=[[0], [1], [2], [3], [4]]), target) < 5e-8
    coarse = FabricOptions(field=Fixed(3, 3), compare_bits=8)
    worse = compile_program(instance, fabric_for(instance, coarse), Schedule.constant(0.7, 1))
    assert total_variation(stationary_law(worse), target) > 1e-4


def frozen_program(beta):
    """Return a cold ring of six, which turns over rarely."""
    ring = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.ones(6))
    options = FabricOptions(compare_bits=32, random=RandomSpec(slices=1))
    return ring, compile_program(ring, fabric_for(ring, options), Schedule.constant(beta, 1000))


def test_slow_chain_is_solved_where_iteration_fails():
    ring, program = frozen_program(beta=3.0)
    law, iterated = stationary_law(program), law_after(program)
    assert relaxation_sweeps(program) > 1e4
    assert total_variation(iterated, law) > 0.4  # a thousand sweeps have not left the valley they began in
    # The table is odd about one half, so up and down are alike; elimination keeps that to rounding.
    assert np.abs(law / law[::-1] - 1).max() < 1e-12
    # Reversible but for thresholds off by 2^-33, in probabilities down to sigma(-12) = 6.1e-6: 1.9e-5 in each of at
    # most 6 log-odds, of which the total variation is at most a quarter of the range, 2 * 6 * 1.9e-5.
    assert total_variation(law, boltzmann_law(ring, 3.0)) < 6e-5


def test_law_along_a_schedule_of_two_pages_equals_naive_twin():
    program = random_program(3, segments=((0.4, 2), (0.9, 1)), n_clamped=1)
    bits = np.array([1, 0, 1, 1, 0])
    held = tuple(int(c > 0) if c else int(b) for c, b in zip(program.clamps, bits, strict=True))
    law, order = {held: Fraction(1)}, color_blocks(program.spec)
    assert np.array_equal(law_after(program, 0, bits), as_vector(law, 5))
    for sweep, page in enumerate((0, 0, 1), start=1):
        law = naive_sweep(program, page, order, law)
        assert np.abs(law_after(program, sweep, bits) - as_vector(law, 5)).max() < 1e-14
    assert np.array_equal(law_after(program, None, bits), law_after(program, 3, bits))


def test_recorded_law_is_the_mean_of_the_kept_sweeps():
    program = dataclasses.replace(random_program(5), recording=Recording(after=1, every=2))
    laws = list(laws_along(program))
    assert len(laws) == program.n_sweeps == 5
    assert np.allclose(recorded_law(program), (laws[2] + laws[4]) / 2, rtol=0, atol=1e-16)


def test_recording_that_keeps_nothing_is_refused():
    program = dataclasses.replace(random_program(5), recording=Recording(after=5))
    with pytest.raises(InputError, match=r"^Recording must keep a sweep of the schedule's 5, not Recording\("):
        recorded_law(program)


def test_clamped_pbits_stay():
    program = random_program(7, n_clamped=2)
    law = stationary_law(program)
    for i in np.flatnonzero(program.clamps):
        against = (np.arange(32) >> i & 1) != (program.clamps[i] > 0)
        assert law[against].sum() == 0
    rows = transition_matrix(program)
    held = np.flatnonzero(program.clamps)[0]
    assert all((np.flatnonzero(rows[s]) >> held & 1 == s >> held & 1).all() for s in range(32))


def test_reduction_keeps_what_is_read():
    # On a ring in two colours the first colour is forgotten; all at once, every p-bit is read before it is redrawn.
    ring = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.ones(6))
    program = compile_program(ring, fabric_for(ring), Schedule.constant(0.5, 1))
    assert sweep_operator(program).kept.tolist() == [1, 3, 5]
    assert sweep_operator(program, order=[range(6)]).kept.tolist() == list(range(6))
    assert sweep_operator(program, order=[[0], [1], [2], [3], [4], [5]]).kept.tolist() == [1, 2, 3, 4, 5]


def test_relaxation_of_a_pair():
    # s1 -> s0' -> s1' : each step keeps a share tanh(beta) of the memory, so lambda_2 = tanh(beta)^2.
    pair = IsingInstance.from_edges(2, [(0, 1)], [1.0])
    options = FabricOptions(compare_bits=32, random=RandomSpec(slices=1))
    program = compile_program(pair, fabric_for(pair, options), Schedule.constant(0.5, 1))
    assert relaxation_sweeps(program) == pytest.approx(-0.5 / np.log(np.tanh(0.5)), rel=1e-8)  # 2^-32 in lambda_2
    twice = relaxation_sweeps(program, order=[[0], [1], [0], [1]])
    assert twice == pytest.approx(relaxation_sweeps(program) / 2, rel=1e-13)


def test_relaxation_of_uncoupled_and_of_idle_pbits():
    alone = IsingInstance(np.zeros((1, 1)), [0.3])
    program = compile_program(alone, fabric_for(alone), Schedule.constant(1.0, 1))
    assert relaxation_sweeps(program) == 0.0
    assert relaxation_sweeps(program, order=[]) == np.inf


def test_law_of_twelve_pbits_by_elimination_is_that_by_iteration():
    ring = IsingInstance.from_edges(12, [(i, (i + 1) % 12) for i in range(12)], np.ones(12), np.full(12, 0.25))
    program = compile_program(ring, fabric_for(ring), Schedule.constant(0.4, 400))
    assert relaxation_sweeps(program) < 5  # so 400 sweeps leave exp(-80)
    assert total_variation(stationary_law(program), law_after(program)) < 1e-13


def test_chain_with_two_closed_classes_is_refused():
    program = random_program(0, n_clamped=0)
    rule = r"^Chain must have one closed class of states for one stationary distribution, not 2$"
    with pytest.raises(InputError, match=rule):
        stationary_law(program, order=[[0], [1], [2], [3]])  # p-bit 4 never moves


def test_matrix_of_13_pbits_is_refused():
    ring = IsingInstance.from_edges(13, [(i, (i + 1) % 13) for i in range(13)], np.ones(13))
    program = compile_program(ring, fabric_for(ring), Schedule.constant(0.5, 1))
    rule = r"^P-bits must be at most 12 for a dense transition matrix, not 13, which take 512 MiB$"
    with pytest.raises(InputError, match=rule):
        transition_matrix(program)
    rule = r"^P-bits must be fewer for an exact stationary distribution: n \+ kept is 26, at most 24; the 13 kept ones "
    with pytest.raises(InputError, match=rule + r"take a matrix of 512 MiB$"):
        stationary_law(program, order=[range(13)])


@pytest.mark.parametrize("block", [[0, 0], [0, 5], [-1]])
def test_block_of_wrong_members_is_refused(block):
    with pytest.raises(InputError, match=r"^Block must list distinct p-bits out of 0\.\.4, not \["):
        sweep_operator(random_program(0), order=[block])


def test_page_out_of_range_is_refused():
    with pytest.raises(InputError, match=r"^Page must be in 0\.\.1, not 2$"):
        conditional_up(random_program(0), page=2)


def test_sweeps_beyond_the_schedule_are_refused():
    with pytest.raises(InputError, match=r"^Sweeps must be in 0\.\.5, the schedule of the program, not 6$"):
        law_after(random_program(0), 6)


def test_law_of_wrong_length_is_refused():
    with pytest.raises(InputError, match=r"^Distribution must have 2\^5 probabilities, not the shape \(31,\)$"):
        apply_sweep(np.ones(31), random_program(0))


def test_law_that_moves_is_never_returned(monkeypatch):
    def uniform(matrix):
        return np.full(len(matrix), 1 / len(matrix))

    monkeypatch.setattr("spinchip.emulator.oracle.stationary._stationary_of", uniform)
    rule = r"^Stationary distribution must stay within 1e-13 in one sweep, not move by 0\.\d+$"
    with pytest.raises(StationaryError, match=rule) as caught:
        stationary_law(random_program(1))
    assert caught.value.residual > 1e-3
