"""Figures of the junction arrays: late synapses are far, spread is felt, rows say what they measure."""

import re
from pathlib import Path

import pytest

from spinchip.benchmarks.documents import analog_machine, entropy, smtj_arrays
from spinchip.emulator.devices.junction.synchroniser import Sampling, synchronised_bits

TABLE = Path(__file__).parents[3] / "docs" / "results" / "analog_machine.md"
KEYS = {"name", "value", "unit", "peer", "ratio"}


def test_error_of_a_late_synapse_rises():
    fast, slow = (smtj_arrays.late_synapse("delay_s", ratio, n_machines=8, n_sweeps=1000) for ratio in (0.01, 1.0))
    # 1600 draws of 64 states: the floor is 0.08, and 0.246 was found at 1.
    assert fast[0] < 1.5 * fast[1]
    assert slow[0] > 2 * slow[1]
    assert slow[2].high < fast[2].low


def test_rate_spread_alone_costs_nothing_and_barrier_spread_does(monkeypatch):
    monkeypatch.setattr(smtj_arrays, "N_MACHINES", 2)
    assert smtj_arrays.spread("cv_tau0", 0.3)[:, :2].max() < 1e-6
    assert smtj_arrays.spread("cv_barrier", 0.15)[:, :2].min() > 0.01


def clock(**seconds):
    """Stand in for the stopwatch: run everything once, and let each work take what it is given [s]."""

    def best_of(works, rounds):
        for work in works.values():
            work()
        return {name: seconds[name] for name in works}

    return best_of


def test_updates_are_the_sweeps_that_the_longer_run_has_more(monkeypatch):
    monkeypatch.setattr(analog_machine, "best_of", clock(few=1.0, many=3.0, products=4.0))
    row = analog_machine.speed_row(n=64, quick=True)
    assert set(row) == KEYS
    assert row["value"] == 64 * (20_000 // 64) / 2.0
    assert row["ratio"] == row["value"] / (5 / 4.0)


def test_a_run_too_short_for_the_clock_has_no_speed(monkeypatch):
    monkeypatch.setattr(analog_machine, "best_of", clock(few=1.0, many=0.9, products=4.0))
    row = analog_machine.speed_row(n=64, quick=True)
    assert (row["value"], row["ratio"]) == (None, None)


def test_committed_table_has_columns_faster_than_products():
    ratios = [float(found) for found in re.findall(r"^\| (?:128|512) \| .* \| ([\d.e+]+) \|$", TABLE.read_text(), re.M)]
    assert len(ratios) == 2
    assert min(ratios) > 100


@pytest.mark.parametrize(("drive", "word"), [(0.0, "pass"), (0.05, "fail")])
def test_verdicts_stand_in_the_cells(drive, word):
    bits = synchronised_bits(entropy.CARD, drive, Sampling(10 * entropy.NEURON_S), 2000, 1, entropy.N_LINES)
    assert entropy.judged(bits, 1000).startswith(word)
