"""One p-bit in hardware against the arithmetic of the specification: every field, rounding, saturation."""

from fractions import Fraction

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.rtl.fabric.p_bit import PBit

# Weight, bias, field, compared bits: rounds by 3, by 1, exact, appends zeros, one-bit words, as wide as allowed.
FORMATS = [
    (Fixed(1, 3), Fixed(0, 4), Fixed(2, 1), 8),
    (Fixed(2, 1), Fixed(2, 2), Fixed(1, 1), 5),
    (Fixed(1, 0), Fixed(1, 0), Fixed(2, 0), 16),
    (Fixed(0, 1), Fixed(1, 0), Fixed(1, 4), 3),
    (Fixed(0, 0), Fixed(0, 0), Fixed(0, 0), 1),
    (Fixed(20, 5), Fixed(21, 6), Fixed(9, 2), 16),
]
DEGREE = 3
N_DRAWS = 600


def star(weight, bias, field, compare_bits):
    """Return a fabric in which p-bit 0 has three neighbours."""
    edges = tuple((0, k) for k in range(1, DEGREE + 1))
    return FabricSpec(DEGREE + 1, edges, (1, 0, 0, 0), weight, bias, field, compare_bits, n_pages=2)


def plain_field(spec, weights, bits, offset):
    """Return the field word and whether it saturated, in fractions: h + sum of J s, half rounded up."""
    unit = Fraction(1, 2**spec.accumulator_frac)
    couplings = [Fraction(int(weight), 2**spec.weight.n_frac) for weight in weights]
    bias = int(offset) * unit + sum(abs(coupling) for coupling in couplings)
    field = bias + sum(coupling * (2 * int(bit) - 1) for coupling, bit in zip(couplings, bits, strict=True))
    word = (field * 2**spec.field.n_frac + Fraction(1, 2)).__floor__()
    clipped = min(max(word, spec.field.min_word), spec.field.max_word)
    return clipped, clipped != word


def draws(spec, seed):
    """Yield random inputs; half of the offsets put the field near its range, so that both sides of it are met."""
    rng = np.random.default_rng(seed)
    scale = Fraction(2 ** (spec.field.n_int + 1) * 2**spec.accumulator_frac)
    for _ in range(N_DRAWS):
        weights = rng.integers(-spec.weight.max_word, spec.weight.max_word + 1, DEGREE)
        bits = rng.integers(0, 2, DEGREE)
        offset = int(rng.integers(spec.offset.min_word, spec.offset.max_word + 1))
        if rng.random() < 0.5:
            turned = [abs(int(w)) for w, bit in zip(weights, bits, strict=True) if bool(bit) != (w < 0)]
            pull = sum(turned) << spec.weight_shift
            offset = int(np.clip(int(scale * Fraction(rng.uniform(-1, 1))) - pull, -(2**30), 2**30))
            offset = min(max(offset, spec.offset.min_word), spec.offset.max_word)
        yield weights, bits, offset, rng


@pytest.mark.promise("rtl.p-bit")
@pytest.mark.parametrize("formats", FORMATS, ids=lambda formats: " ".join(str(part) for part in formats))
def test_field_equals_plain_arithmetic(simulate, formats):
    spec = star(*formats)
    pbit = PBit(spec, DEGREE)
    met, struck = set(), set()

    async def bench(context):
        for weights, bits, offset, rng in draws(spec, seed=7):
            field, saturated = plain_field(spec, weights, bits, offset)
            for k in range(DEGREE):
                context.set(pbit.neighbor[k], int(bits[k]))
                sign = int(weights[k] < 0 or (weights[k] == 0 and rng.random() < 0.5))  # minus zero is zero
                context.set(pbit.weight[k], abs(int(weights[k])) | sign << (spec.weight.width - 1))
            context.set(pbit.offset, offset & ((1 << spec.offset.width) - 1))
            drawn = int(rng.integers(2))
            context.set(pbit.drawn, drawn)
            context.set(pbit.update, 1)
            assert context.get(pbit.saturated) == saturated
            assert context.get(pbit.field) == field % spec.n_table_entries
            await context.tick()
            assert context.get(pbit.bit) == drawn
            met.add(field)
            struck.add(saturated)

    simulate(pbit, bench)
    can_saturate = spec.rounding_bits > spec.field.width  # one-bit couplings are all zero
    assert struck == ({False, True} if can_saturate else {False})
    assert can_saturate or formats is FORMATS[4]
    assert {spec.field.min_word, spec.field.max_word} <= met
    reachable = spec.n_table_entries >> max(0, -spec.field_shift)
    assert len(met) >= reachable or reachable > 64


@pytest.mark.promise("rtl.p-bit")
def test_clamp_and_update_do_what_they_say(simulate):
    spec = star(*FORMATS[0])
    pbit = PBit(spec, DEGREE)

    async def bench(context):
        context.set(pbit.drawn, 0)
        for clamp, load, update, expected in [
            (0b11, 0, 0, 0),  # a clamp alone changes nothing
            (0b11, 1, 0, 1),  # LOAD takes it
            (0b11, 0, 1, 1),  # a held p-bit ignores updates
            (0b01, 1, 0, 1),  # a clamp that does not hold is not taken
            (0b01, 0, 0, 1),  # no update, no change
            (0b01, 0, 1, 0),  # a free p-bit draws
            (0b11, 1, 1, 1),
            (0b10, 1, 0, 0),
        ]:
            context.set(pbit.clamp, clamp)
            context.set(pbit.load, load)
            context.set(pbit.update, update)
            await context.tick()
            assert context.get(pbit.bit) == expected

    simulate(pbit, bench)


def test_held_p_bit_reports_no_saturation(simulate):
    spec = star(*FORMATS[0])
    pbit = PBit(spec, DEGREE)

    async def bench(context):
        context.set(pbit.offset, spec.offset.max_word)
        for update, clamp, expected in [(1, 0, 1), (0, 0, 1), (1, 2, 0), (0, 3, 0)]:
            context.set(pbit.update, update)
            context.set(pbit.clamp, clamp)
            assert context.get(pbit.saturated) == expected

    simulate(pbit, bench)


@pytest.mark.parametrize(
    ("formats", "bits"),
    [((Fixed(27, 0), Fixed(27, 0), Fixed(0, 1), 8), 33), ((Fixed(13, 14), Fixed(13, 14), Fixed(2, 3), 8), 33)],
)
def test_format_wider_than_32_bits_is_refused(formats, bits):
    rule = "Local field must fit 32 bits from sum to rounding"
    with pytest.raises(InputError, match=f"^{rule}, not {bits}; choose narrower formats$"):
        star(*formats)
