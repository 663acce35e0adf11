import shutil

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.arrays import golden_arrays
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.stats import rng_battery
from spinchip.emulator.stats.random_streams import ControlStream, SliceStream
from spinchip.emulator.stats.rng_battery import Outcome, parse, run_dieharder, settled, table_row

needs_dieharder = pytest.mark.skipif(shutil.which("dieharder") is None, reason="dieharder is not installed")


def xorshift32(x):
    """Marsaglia's 13, 17, 5, in Python."""
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    return x ^ (x << 5) & 0xFFFFFFFF


def test_stream_is_what_the_slots_read(ring, program_of):
    program = program_of(ring())  # six p-bits, two colours, three slots on two generators
    stream = SliceStream(program.spec.random, n_slots=3, seed=4, chain=2)
    words = [int(word) for word in program.seed_words(4, 2)[:, 0]]
    arrays = golden_arrays(program)
    for row in np.concatenate([stream.read(5), stream.read(2)]):  # reading goes on where it stopped
        for i, slot in enumerate(program.spec.slots):
            assert row[slot] == (words[arrays.generator[i]] >> int(arrays.right_shift[i])) & 0xFFFF
        words = [xorshift32(word) for word in words]


def test_unsliced_words_give_their_top_half():
    random = RandomSpec(RandomKind.LFSR32, slices=1, leap=1)
    slices = SliceStream(random, n_slots=1).read(100)[:, 0].astype(int)
    assert np.array_equal(slices[1:] >> 1, slices[:-1] & 0x7FFF)  # one shift: the word nearly doubles


def test_control_streams_differ_by_chain():
    first, second = (ControlStream(2, chain=chain).read(4) for chain in (0, 1))
    assert first.shape == (4, 2)
    assert not np.array_equal(first, second)


OUTPUT = """#=====================#
        diehard_runs|   0|0.38405322|  PASSED
        diehard_runs|   0|0.99799138|   WEAK
         rgb_bitdist|   2|0.99659979|   WEAK
         rgb_bitdist|   2|0.41971844|  PASSED
  diehard_rank_32x32|   0|0.00000000|  FAILED
"""


def test_last_line_of_a_test_settles_it():
    outcomes = parse(OUTPUT)
    assert outcomes[0] == Outcome("diehard_runs", 0, 0.38405322, "PASSED")
    assert settled(outcomes) == {"diehard_runs": "WEAK", "rgb_bitdist 2": "PASSED", "diehard_rank_32x32": "FAILED"}
    assert settled([*outcomes, Outcome("diehard_rank_32x32", 0, 0.5, "PASSED")])["diehard_rank_32x32"] == "FAILED"


def test_table_row_names_what_failed():
    row = table_row("lfsr", "one p-bit", parse(OUTPUT), ("0.5", "0.6"))
    assert row == "| lfsr | one p-bit | 1 | 1 | 1 | diehard_rank_32x32 | 0.5 | 0.6 |"


@needs_dieharder
def test_test_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(rng_battery, "MOST_SLICES", 1 << 20)  # less than test 205 needs
    outcomes = run_dieharder(ControlStream(1), 205)
    assert outcomes == [Outcome("dieharder -d 205", 0, 0.0, "ENDLESS")]
    row = table_row("pcg", "one p-bit", outcomes, ("-", "-"))
    assert row == "| pcg | one p-bit | 0 | 0 | 1 | dieharder -d 205 (endless) | - | - |"


@needs_dieharder
def test_dieharder_tells_a_shift_register_from_sound_words():
    flawed = SliceStream(RandomSpec(RandomKind.LFSR32, slices=1, leap=1), n_slots=1)
    assert settled(run_dieharder(flawed, 15)) == {"diehard_runs": "FAILED"}
    assert settled(run_dieharder(ControlStream(1), 15)) == {"diehard_runs": "PASSED"}


def test_missing_dieharder_is_named(monkeypatch):
    monkeypatch.setattr(rng_battery.shutil, "which", lambda name: None)
    text = r"^dieharder must be installed for this table; get it with: sudo apt-get install dieharder$"
    with pytest.raises(ToolError, match=text):
        run_dieharder(ControlStream(1), 15)
