"""Node voltages against badcrossbar, an independent solver; skipped where it is not installed.

It draws with cairo, which its installation needs and its solver does not: an empty module stands in.
"""

import sys
import types

import numpy as np
import pytest

from spinchip.emulator.wires.nodal import solve
from spinchip.emulator.wires.wires import Wires


@pytest.fixture
def badcrossbar(monkeypatch):
    if "cairo" not in sys.modules:
        stand_in = types.ModuleType("cairo")
        stand_in.__getattr__ = lambda name: type(name, (), {})
        monkeypatch.setitem(sys.modules, "cairo", stand_in)
    found = pytest.importorskip("badcrossbar")
    if not hasattr(found, "compute"):
        pytest.skip("badcrossbar lacks its own needs")
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("row_ohm", "column_ohm"), [(0.35, 0.35), (2.0, 5.0), (300.0, 50.0)])
def test_node_voltages_equal_badcrossbar(badcrossbar, row_ohm, column_ohm):
    rng = np.random.default_rng(2)
    cells, voltages = rng.uniform(1e-6, 1e-4, (17, 11)), rng.uniform(0, 0.3, 17)
    expected = badcrossbar.compute(voltages[:, None], 1 / cells, r_i_word_line=row_ohm, r_i_bit_line=column_ohm)
    found = solve(cells, voltages, Wires(row_ohm, column_ohm))
    assert np.abs(found.word_V - expected.voltages.word_line).max() < 1e-9 * voltages.max()
    assert np.abs(found.bit_V - expected.voltages.bit_line).max() < 1e-9 * voltages.max()
    output = np.ravel(expected.currents.output)
    assert np.abs(found.currents_A - output).max() < 1e-9 * output.max()
