"""The scoreboard of lockstep benches: what counts as a difference, and where it is first seen."""

from types import SimpleNamespace

import pytest

from spinchip.emulator.spec.errors import ToolError
from spinchip.sim.cosim.benches.handles import readers
from spinchip.sim.cosim.scoreboard import ANYTHING, Scoreboard


def word(texts):
    """Return a stand-in for a handle that shows one text after the other."""
    shown = iter(texts)
    return SimpleNamespace(_handle=SimpleNamespace(get_signal_val_binstr=lambda: next(shown)))


def compared(texts, expected):
    """Return a scoreboard that has compared one register in every cycle."""
    golden = iter(expected)
    dut = SimpleNamespace(lane=SimpleNamespace(words=[None, word(texts)]))
    board = Scoreboard(readers(dut, [("lane.words[1]", lambda: next(golden))]))
    for _ in texts:
        board.compare()
    return board


@pytest.mark.parametrize(
    ("texts", "expected", "mismatches", "first"),
    [
        (["0101", "0101", "0110"], [5, 5, 6], 0, None),
        (["0101", "0101", "0110"], [5, 6, 6], 1, (1, "0101", 6)),
        (["0101", "01x1", "01x1"], [5, 5, 5], 2, (1, "01x1", 5)),
        (["0110", "1110"], [None, None], 0, None),
        (["0110", "1111"], [None, None], 1, (1, "1111", None)),
        (["011x"], [None], 1, (0, "011x", None)),
        (["x", "1"], [ANYTHING, 0], 1, (1, "1", 0)),
    ],
    ids=[
        "equal",
        "golden alone moved",
        "unknown bits",
        "not valid",
        "valid where golden is not",
        "validity unknown",
        "anything",
    ],
)
def test_differences(texts, expected, mismatches, first):
    board = compared(texts, expected)
    assert (board.mismatches, board.cycles, board.n_registers) == (mismatches, len(texts), 1)
    wanted = {} if first is None else {"lane.words[1]": dict(zip(("cycle", "rtl", "golden"), first, strict=True))}
    assert board.first == wanted


def test_silence_is_no_success():
    board = compared(["1", "1"], [1, 1])
    assert board.result(2, 1).sweeps == 1
    for n_cycles, sweeps in ((3, 1), (0, 1), (2, 0)):
        with pytest.raises(ToolError):
            board.result(n_cycles, sweeps)
