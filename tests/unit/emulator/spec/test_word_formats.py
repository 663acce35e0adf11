"""Fixed-point words, the formats chosen for an instance, the exact field, and the activation table."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.activation import activation_table
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for, quantise
from spinchip.emulator.spec.fabric.sign_magnitude import sign_excess
from spinchip.emulator.spec.fixed import Fixed, smallest_format
from spinchip.emulator.spec.instance import IsingInstance

formats = st.builds(lambda n_int, others: Fixed(n_int, others - n_int), st.integers(-9, 20), st.integers(0, 12))


def nearest_word(fixed, value):
    """Return the nearest word by exact arithmetic: half to even, then saturation; and whether it saturated."""
    exact = round(Fraction(value) * Fraction(2) ** fixed.n_frac)
    return min(max(exact, fixed.min_word), fixed.max_word), not fixed.min_word <= exact <= fixed.max_word


@pytest.mark.promise("fixed.format")
@given(formats, st.lists(st.floats(-100, 100), min_size=1, max_size=20))
def test_words_are_nearest_and_saturation_is_counted(fixed, values):
    words, n_saturated = fixed.words(values)
    expected = [nearest_word(fixed, value) for value in values]
    assert words.tolist() == [word for word, _ in expected]
    assert n_saturated == sum(saturated for _, saturated in expected)
    assert fixed.words(fixed.values(words))[0].tolist() == words.tolist()


def test_truncation_is_not_rounding():
    assert Fixed(2, 0).words([0.75, -0.25])[0].tolist() == [1, 0]
    assert Fixed(2, 0).words([0.75, -0.25], rounding="truncate")[0].tolist() == [0, -1]


@given(formats)
def test_format_is_written_as_it_is_read(fixed):
    assert Fixed.parse(str(fixed)) == fixed
    assert fixed.width == 1 + fixed.n_int + fixed.n_frac
    assert (fixed.lowest, fixed.highest) == (-(2.0**fixed.n_int), 2.0**fixed.n_int - fixed.step)


@pytest.mark.parametrize(
    ("largest", "chosen"), [(254.0, "s[8][-1]"), (254.9, "s[8][-1]"), (255.1, "s[9][-2]"), (1e9, "s[30][-23]")]
)
def test_large_numbers_are_rounded_and_never_saturate(largest, chosen):
    """255.1 would be rounded to 256, which s[8][-1] lacks."""
    fixed = smallest_format([largest, 3.0], 8)
    assert str(fixed) == chosen
    assert fixed.words([largest, -largest])[1] == 0


@pytest.mark.parametrize("text", ["4.1", "s[4]", "s[-][2]", "s[1][2.0]", "u[4][1]", ""])
def test_bad_format_is_refused(text):
    with pytest.raises(InputError, match=r"^Fixed-point format must be written s\[a\]\[b\], not "):
        Fixed.parse(text)


@pytest.mark.parametrize(("n_int", "n_frac"), [(-3, 2), (2, -3), (128, -120), (-120, 128)])
def test_impossible_bits_are_refused(n_int, n_frac):
    with pytest.raises(InputError, match="^Bits of a fixed-point format must be 0 or more together"):
        Fixed(n_int, n_frac)


def random_instance(seed):
    """Return an instance of 5 ... 8 spins whose numbers no short format holds."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 9))
    pairs = [(i, j) for j in range(n) for i in range(j) if rng.random() < 0.5]
    scale = 2.0 ** rng.integers(-3, 4) * 2.0 ** (seed % 3 * 20 - 20)  # a third large, a third small
    return IsingInstance.from_edges(n, pairs, scale * rng.normal(size=len(pairs)), scale * rng.normal(size=n))


@pytest.mark.promise("golden.field")
@pytest.mark.parametrize("seed", range(20))
def test_offset_form_is_the_local_field_exactly(seed):
    instance = random_instance(seed)
    spec = fabric_for(instance)
    quantised = quantise(instance, spec)
    bits = np.random.default_rng(seed).integers(0, 2, size=(50, spec.n_pbits))
    sums = np.tile(quantised.offsets, (50, 1))
    for number, (i, j) in enumerate(spec.edges):
        term = int(quantised.weights[number]) << spec.weight_shift
        sums[:, i] += term * bits[:, j]
        sums[:, j] += term * bits[:, i]
    fields = quantised.as_instance().local_fields(2 * bits - 1)
    assert np.array_equal(sums * 2.0**-spec.accumulator_frac, fields)
    assert np.abs(sums).max() < 2 ** (spec.accumulator_bits - 1)
    loaded = quantised.offsets - sign_excess(quantised.weights, spec)
    assert (spec.offset.min_word <= loaded).all()
    assert (loaded <= spec.offset.max_word).all()
    magnitudes = abs(quantised.weights) << (spec.weight_shift - 1)
    ends = np.array(spec.edges).ravel()
    pulled = np.bincount(ends, np.repeat(magnitudes, 2), spec.n_pbits)
    biases = quantised.biases << (spec.accumulator_frac - spec.bias.n_frac)
    assert np.array_equal(loaded, biases - pulled)


@pytest.mark.promise("fixed.choice")
@pytest.mark.parametrize("seed", range(20))
def test_chosen_formats_hold_the_instance(seed):
    instance = random_instance(seed)
    spec = fabric_for(instance)
    assert quantise(instance, spec).n_saturated == 0
    assert spec.weight.width <= 8
    assert spec.bias.width <= 8
    assert spec.field.width <= 10
    assert np.abs(spec.weight.values(quantise(instance, spec).weights) - instance.edge_values).max() <= spec.weight.step


@pytest.mark.promise("fixed.choice")
def test_given_formats_are_kept_and_their_loss_is_counted():
    instance = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [3.0, 0.5])
    spec = fabric_for(instance, FabricOptions(weight=Fixed(1, 0), field=Fixed(2, 1)))
    assert (spec.weight, spec.field) == (Fixed(1, 0), Fixed(2, 1))
    assert quantise(instance, spec).n_saturated == 1


@pytest.mark.promise("fixed.format")
@given(st.integers(1, 5), st.integers(0, 6), st.integers(-(2**14), 2**14))
def test_field_word_is_rounded_half_up_and_saturated(n_int, n_frac, accumulator):
    instance = IsingInstance.from_edges(2, [(0, 1)], [1.0])
    options = FabricOptions(weight=Fixed(2, 3), bias=Fixed(1, 1), field=Fixed(n_int, n_frac))
    spec = fabric_for(instance, options)
    words, saturated = spec.field_words([accumulator])
    value = Fraction(accumulator, 2**spec.accumulator_frac)
    exact = int((value * 2**n_frac + Fraction(1, 2)) // 1)
    assert words[0] == min(max(exact, spec.field.min_word), spec.field.max_word)
    assert saturated[0] == (words[0] != exact)


@pytest.mark.promise("activation.table")
@pytest.mark.parametrize("beta", [0.0, 0.4, 1.7, 50.0])
@pytest.mark.parametrize("compare_bits", [4, 8, 16])
def test_table_is_the_rounded_sigmoid_odd_and_ergodic(beta, compare_bits):
    field = Fixed(3, 2)
    table = activation_table(beta, field, compare_bits)
    values = np.array([word if word <= field.max_word else word - 2**field.width for word in range(len(table))])
    exact = 2**compare_bits * expit(2 * beta * values * field.step)
    clipped = np.clip(exact, 1, 2**compare_bits - 1)
    assert np.abs(table - clipped).max() <= 0.5
    by_value = dict(zip(values.tolist(), table.tolist(), strict=True))
    assert all(by_value[v] + by_value[-v] == 2**compare_bits for v in range(1, field.max_word + 1))
    assert table.min() >= 1
    assert table.max() <= 2**compare_bits - 1


@pytest.mark.parametrize("beta", [-0.1, np.nan, np.inf])
def test_bad_beta_is_refused(beta):
    with pytest.raises(InputError, match=r"^Inverse temperature must be finite and 0 or more, not "):
        activation_table(beta, Fixed(2, 1), 8)


MAGNITUDES = [
    0.0,
    5e-324,
    1e-320,
    1e-100,
    1e-39,
    2.0**-127,
    1e-8,
    1e-3,
    0.3,
    1.0,
    255.1,
    1e9,
    1e37,
    1.7e38,
    1e39,
    1e307,
]


@pytest.mark.promise("formats.any-numbers")
@pytest.mark.filterwarnings("error")
@given(
    st.lists(st.sampled_from(MAGNITUDES), min_size=3, max_size=3),
    st.lists(st.sampled_from(MAGNITUDES), min_size=4, max_size=4),
    st.integers(0, 3),
)
def test_formats_exist_for_every_finite_instance(couplings, biases, n_edges):
    """Words are the nearest that the formats hold, and what saturates or vanishes is counted."""
    edges = [(0, 1), (1, 2), (1, 3)][:n_edges]
    instance = IsingInstance.from_edges(4, edges, couplings[:n_edges], biases)
    spec = fabric_for(instance)
    words = quantise(instance, spec)
    assert spec.offset.width <= 31
    assert spec.rounding_bits <= 32
    assert abs(words.offsets).max() <= 2**30
    n_saturated = n_vanished = 0
    for fixed, found, values in (
        (spec.weight, words.weights, instance.edge_values),
        (spec.bias, words.biases, instance.biases),
    ):
        nearest = [nearest_word(fixed, value) for value in values]
        assert found.tolist() == [word for word, _ in nearest]
        n_saturated += sum(saturated for _, saturated in nearest)
        n_vanished += sum(word == 0 and value != 0 for (word, _), value in zip(nearest, values, strict=True))
    assert (words.n_saturated, words.n_vanished) == (n_saturated, n_vanished)
    beyond = 2.0**122  # ten halvings below 2^127 leave room for the sums
    assert (words.n_saturated > 0) <= (max([*couplings[:n_edges], *biases]) > beyond)


@pytest.mark.promise("formats.any-numbers")
@pytest.mark.parametrize(
    ("bias", "formats"),
    [(1e-8, "s[1][0] s[-26][28]"), (2.0**-12, "s[1][0] s[-11][12]"), (1e-320, "s[1][0] s[-28][28]")],
)
def test_small_bias_beside_a_coupling_is_rounded_as_far_as_sums_allow(bias, formats):
    spec = fabric_for(IsingInstance.from_edges(2, [(0, 1)], [1.0], [0.0, bias]))
    assert f"{spec.weight} {spec.bias}" == formats
    words = quantise(IsingInstance.from_edges(2, [(0, 1)], [1.0], [0.0, bias]), spec)
    assert words.n_vanished == int(bias < 2.0**-29)


def test_format_that_the_user_chose_stays_and_is_refused_if_it_cannot_be():
    instance = IsingInstance.from_edges(2, [(0, 1)], [1.0], [0.0, 1e-8])
    assert fabric_for(instance, FabricOptions(bias=Fixed(-20, 27))).bias == Fixed(-20, 27)
    with pytest.raises(InputError, match=r"^Local field must fit 32 bits from sum to rounding, not 37; "):
        fabric_for(instance, FabricOptions(weight=Fixed(1, 0), bias=Fixed(-26, 33)))
