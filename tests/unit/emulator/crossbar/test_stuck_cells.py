"""Stuck devices: what the healthy ones of the same weight can take over they do, exactly; the rest stays."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.memristor.faults import StuckCells
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL

WEIGHTS = np.random.default_rng(4).uniform(-1, 1, (60, 50))
WINDOW_S = IDEAL.g_max_S


def crossbar_of(kind, n_pairs, faults, remap, device=IDEAL):
    device = replace(device, faults=faults)
    spec = TileSpec(device, encoding=Encoding(kind, n_pairs, bound=1.0), remap=remap)
    return Crossbar(WEIGHTS, spec, seed=6)


def reachable(crossbar):
    """Return the weights nearest to the wanted ones that the healthy devices can make, from the stuck cells alone."""
    plus, minus = crossbar.tiles[0].tile.digits[0].arrays
    n_pairs = len(plus.stuck)
    low = high = np.zeros(WEIGHTS.shape)
    for sign, cells in ((1, plus), (-1, minus)):
        fixed = np.where(cells.stuck, sign * cells.programmed_S, 0.0).sum(axis=0)
        free = (~cells.stuck).sum(axis=0) * WINDOW_S
        low, high = low + fixed + min(sign, 0) * free, high + fixed + max(sign, 0) * free
    return np.clip(WEIGHTS, low / WINDOW_S / n_pairs, high / WINDOW_S / n_pairs)


@pytest.mark.promise("crossbar.tile")
@pytest.mark.parametrize("kind", ["pair", "two_sided_pair"])
@pytest.mark.parametrize("n_pairs", [1, 2, 5])
@pytest.mark.parametrize("faults", [StuckCells(0.1, 0.0), StuckCells(0.0, 0.1), StuckCells(0.3, 0.3)])
def test_remapping_reaches_what_can_be_reached(kind, n_pairs, faults):
    repaired = crossbar_of(kind, n_pairs, faults, remap=True)
    assert np.allclose(repaired.effective_weights(), reachable(repaired), rtol=0, atol=1e-12)
    if (kind, n_pairs, faults.high) == ("pair", 1, 0.0):
        return  # a lone device that cannot be switched on has nobody to take over
    broken = crossbar_of(kind, n_pairs, faults, remap=False)
    assert not np.allclose(broken.effective_weights(), reachable(broken), rtol=0, atol=0.05)


def test_healthy_weights_are_not_written_again(gaussian):
    broken, repaired = (
        crossbar_of("pair", 2, StuckCells(0.02, 0.02), remap, gaussian(1e-7)) for remap in (False, True)
    )
    cells = broken.tiles[0].tile.digits[0].arrays
    hurt = (cells[0].stuck | cells[1].stuck).any(axis=0)
    before, after = broken.effective_weights(), repaired.effective_weights()
    assert np.array_equal(after[~hurt], before[~hurt])
    sigma = 1e-7 / WINDOW_S  # of a weight: four devices over two pairs
    wanted = reachable(repaired)[hurt]
    assert np.sqrt(np.mean((after[hurt] - wanted) ** 2)) < 1.2 * sigma
    assert np.sqrt(np.mean((before[hurt] - wanted) ** 2)) > 20 * sigma
    for first, again in zip(cells, repaired.tiles[0].tile.digits[0].arrays, strict=True):
        assert np.array_equal(first.stuck, again.stuck)
        assert np.array_equal(first.programmed_S[first.stuck], again.programmed_S[again.stuck])


def test_written_again_with_a_new_error(gaussian):
    """A device that takes over errs as any other, and anew."""
    broken, repaired = (crossbar_of("pair", 1, StuckCells(0.0, 0.2), remap, gaussian(1e-7)) for remap in (False, True))
    old, new = (crossbar.tiles[0].tile.digits[0].arrays[1] for crossbar in (broken, repaired))
    moved = new.target_S != old.target_S
    errors = (new.programmed_S - new.target_S)[moved & (new.target_S > 1e-6)]
    assert len(errors) > 150
    assert abs(np.mean(errors**2) / 1e-14 - 1) < 4 * np.sqrt(2 / len(errors))
