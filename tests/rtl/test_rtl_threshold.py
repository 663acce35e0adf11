"""The unit that draws a spin, against plain comparison, and which p-bits may share one."""

import itertools

import numpy as np
import pytest

from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.rtl.fabric.threshold import Threshold, threshold_users

EDGES = ((0, 1), (0, 2), (1, 2), (2, 3))
COLORS = (0, 1, 2, 0)


def fabric(compare_bits, **more):
    return FabricSpec(4, EDGES, COLORS, Fixed(1, 0), Fixed(1, 0), Fixed(2, 0), compare_bits, n_pages=2, **more)


@pytest.mark.promise("rtl.p-bit")
@pytest.mark.parametrize(("compare_bits", "n_fields"), [(1, 1), (16, 1), (8, 2), (16, 3)])
def test_drawn_is_random_below_the_entry_of_the_selected_field(simulate, compare_bits, n_fields):
    spec = fabric(compare_bits)
    unit, highest = Threshold(spec, n_fields), 2**spec.compare_bits - 1
    rng = np.random.default_rng(5)
    table = rng.integers(0, highest + 1, spec.n_table_entries)
    table[:2] = 0, highest

    async def bench(context):
        # Every entry for every user, at the threshold and beside it; the other users show other fields.
        for address, user, beside in itertools.product(range(spec.n_table_entries), range(n_fields), (-1, 0, 1)):
            random = min(max(int(table[address]) + beside, 0), highest)
            for k in range(n_fields):
                context.set(unit.field[k], (address + k - user) % spec.n_table_entries)
                if k:
                    context.set(unit.select[k - 1], k == user)
            assert context.get(unit.entry) == address
            context.set(unit.threshold, int(table[address]))
            context.set(unit.random, random)
            assert context.get(unit.drawn) == (random < table[address])

    simulate(unit, bench)


def test_users_of_a_unit_read_one_slice_and_differ_in_color():
    assert threshold_users(fabric(16)) == [[0, 1, 2], [3]]


def test_p_bits_of_one_color_on_one_slice_have_units_of_their_own():
    """A fabric that shares random words inside a colour, as a mutant does."""
    assert threshold_users(fabric(16, slots=(0, 0, 0, 0))) == [[0, 1, 2], [3]]
    assert threshold_users(fabric(16, slots=(1, 0, 0, 1))) == [[1, 2], [0], [3]]
