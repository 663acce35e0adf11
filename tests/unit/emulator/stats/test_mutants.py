from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.arrays import golden_arrays
from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.stats.conditionals import measure_conditionals
from spinchip.emulator.stats.mutants import catalogue

# The list, in its words, and who must catch each.
PROMISED = {
    "one-shift lfsr": "law",
    "shared word": "law",
    "neighbours together": "law",
    "table off by one": "law",
    "sign of h": "law",
    "truncation": "law",
    "wrap": "law",
    "stuck p-bit": "law",
    "dropped edge": "law",
    "stale neighbour": "law",
    "sliced lfsr": "law",
    "tie rule": "lockstep",
    "sweep count": "lockstep",
}


@pytest.fixture(scope="module")
def mutants(ring):
    return {mutant.name: mutant for mutant in catalogue(ring(), 0.5)}


def trace(program, arrays=None, n_chains=20, n_pbits=6):
    return run_chains(program, 3, n_chains, arrays).spins[..., :n_pbits]


def test_catalogue_holds_what_was_promised(mutants):
    assert {name: mutant.caught_by for name, mutant in mutants.items()} == PROMISED
    assert all(mutant.honest is not None and not mutant.not_applicable for mutant in mutants.values())
    assert all(mutant.fault and mutant.arena for mutant in mutants.values())


@pytest.mark.promise("mutants.lockstep")
@pytest.mark.parametrize("name", PROMISED)
def test_lockstep_tells_every_mutant_apart(mutants, name):
    # 20 chains of 50 sweeps: 6000 updates, and a tie comes every 256 updates at 8 bits.
    mutant = mutants[name]
    honest, broken = trace(mutant.honest), trace(mutant.broken, mutant.arrays)
    assert honest.shape != broken.shape or not np.array_equal(honest, broken)


@pytest.mark.parametrize("name", PROMISED)
def test_honest_design_of_every_arena_is_untouched(mutants, ring, name):
    fresh = {mutant.name: mutant for mutant in catalogue(ring(), 0.5)}[name]
    assert np.array_equal(trace(mutants[name].honest), trace(fresh.honest))
    golden_arrays(mutants[name].honest)


def test_table_off_by_one_reads_the_next_field(mutants):
    honest, broken = mutants["table off by one"].honest, mutants["table off by one"].broken
    field = honest.spec.field
    for word in range(field.min_word, field.max_word):
        entries = honest.spec.n_table_entries
        assert broken.tables[0][word % entries] == honest.tables[0][(word + 1) % entries]


def test_wrap_equals_dropping_the_high_bits(mutants):
    honest, broken = mutants["wrap"].honest, mutants["wrap"].broken
    narrow, wide = honest.spec.field, broken.spec.field
    assert wide.n_int > narrow.n_int
    assert wide.highest > 2.3 > narrow.highest  # the largest field of the ring fits one and saturates the other
    for word in range(wide.min_word, wide.max_word + 1):
        wrapped = (word - narrow.min_word) % (1 << narrow.width) + narrow.min_word
        expected = honest.tables[0][wrapped % honest.spec.n_table_entries]
        assert broken.tables[0][word % broken.spec.n_table_entries] == expected


def test_truncation_arena_rounds_up(mutants):
    honest, broken = mutants["truncation"].honest, mutants["truncation"].broken
    assert str(honest.spec.bias) == "s[0][1]"
    assert (honest.offsets - broken.offsets == 1).all()  # 0.3 rounds to 0.5 and truncates to 0


def test_sign_of_h_flips_the_bias_only(mutants):
    honest, broken = mutants["sign of h"].honest, mutants["sign of h"].broken
    assert np.array_equal(honest.weights, broken.weights)
    assert (honest.offsets - broken.offsets == 2 * 38).all()  # h = 38/128


def test_dropped_edge_leaves_the_other_direction(mutants):
    mutant = mutants["dropped edge"]
    before, after = golden_arrays(mutant.honest), mutant.arrays
    changed = np.flatnonzero(before.neighbor_weight != after.neighbor_weight)
    assert len(changed) == 1
    assert after.neighbor_weight[changed[0]] == 0
    assert np.array_equal(before.neighbor_index, after.neighbor_index)


def readers_of(arrays, pbit):
    """Return the p-bits that read a p-bit."""
    ends = zip(arrays.neighbor_start, arrays.neighbor_start[1:], strict=False)
    return [reader for reader, (first, end) in enumerate(ends) if pbit in arrays.neighbor_index[first:end]]


def test_shadow_holds_the_neighbours_last_value(mutants):
    mutant = mutants["stale neighbour"]
    spins = trace(mutant.broken, mutant.arrays, n_chains=50, n_pbits=7)
    neighbor = mutant.arrays.neighbor_index[-1]
    assert (spins[:, 1:, 6] != spins[:, :-1, neighbor]).mean() < 1e-3  # a copy fails once in 2^16
    assert len(readers_of(mutant.arrays, 6)) == 1
    assert len(readers_of(mutant.arrays, neighbor)) == 2  # the shadow, and the p-bit on the other side


def test_stale_reader_follows_the_stale_field(mutants):
    mutant = mutants["stale neighbour"]
    drawn = trace(mutant.broken, mutant.arrays, 500, 7)
    spins = np.concatenate([np.full((500, 1, 7), -1, dtype=np.int8), drawn], axis=1)
    (reader,), neighbor = readers_of(mutant.arrays, 6), mutant.arrays.neighbor_index[-1]
    as_read = spins[..., :6].copy()
    as_read[..., neighbor] = spins[..., 6]  # what the reader saw, put in the neighbour's place
    chi_square = {}
    for name, seen in (("true", spins[..., :6]), ("as read", as_read)):
        _, total, variance, _ = measure_conditionals(mutant.honest, seen).cells
        chi_square[name] = np.sum(total[reader] ** 2 / np.maximum(variance[reader], 1e-9))
    assert chi_square["as read"] < 25  # of 3 fields
    assert chi_square["true"] > 100


def test_mutants_that_change_nothing_say_so(ring):
    found = {mutant.name: mutant for mutant in catalogue(ring(bias=0.0), 0.5)}
    assert found["sign of h"].not_applicable == "every bias is 0"
    assert found["truncation"].not_applicable == "every number is exact in the coarsest format"
    assert found["sign of h"].honest is None
    lone = {mutant.name: mutant for mutant in catalogue(IsingInstance(np.zeros((1, 1)), np.array([0.5])), 0.5)}
    silent = {name for name, mutant in lone.items() if mutant.not_applicable}
    assert silent >= {"sliced lfsr", "shared word", "neighbours together", "dropped edge", "stale neighbour"}
    assert not silent & {"one-shift lfsr", "sign of h", "stuck p-bit", "tie rule", "sweep count"}


def test_catalogue_fits_other_designs(ring):
    options = FabricOptions(weight=Fixed(3, 3), bias=Fixed(3, 3), field=Fixed(4, 7), compare_bits=12)
    for mutant in catalogue(replace(ring(n=5), name="odd ring"), 0.3, options):
        if not mutant.not_applicable:
            honest, broken = trace(mutant.honest, n_pbits=5), trace(mutant.broken, mutant.arrays, n_pbits=5)
            assert honest.shape != broken.shape or not np.array_equal(honest, broken), mutant.name


def test_mutants_without_beta_are_refused(ring):
    text = r"^Inverse temperature of a mutant must be above 0, not 0\.0; no coupling acts there$"
    with pytest.raises(InputError, match=text):
        catalogue(ring(), 0.0)
