"""Samples that were not read: overloads, spikes, gaps, rounded times; stays over a gap are not made up."""

import itertools

import numpy as np
import pytest
from scipy import stats

from spinchip.calibration.data.masks import spikes
from spinchip.calibration.data.table_reader import Reading, read_table
from spinchip.calibration.examples.junctions import EXAMPLES
from spinchip.calibration.junction.telegraph_fit import fit_telegraph
from spinchip.calibration.junction.telegraph_likelihood import Trace, levels_of, steps_of
from spinchip.calibration.kind import Request
from spinchip.calibration.kinds import KINDS, calibrate_file
from spinchip.emulator.spec.errors import InputError

PLANTED = np.array([0.0, 2.5, 0.0, 0.1, np.log(1 / 0.03), np.log(1 / 0.02)])
DT = 1e-3


def drawn(n, seed):
    return Trace(np.zeros(n), DT).redrawn(PLANTED, np.random.default_rng(seed)).values


def save(path, values, times=None, digits=9):
    times = DT * np.arange(values.size) if times is None else times
    text = "time_s,signal_V\n" + "".join(f"{t:.{digits}f},{y:.9g}\n" for t, y in zip(times, values, strict=True))
    path.write_text(text)
    return path


@pytest.mark.promise("calibration.data.masks")
def test_likelihood_with_samples_not_read_is_that_of_all_paths_and_values():
    y = drawn(8, 3)
    y[[0, 3, 4]] = np.nan
    low, high, noise_low, noise_high = levels_of(PLANTED)
    rise, fall = steps_of(PLANTED, DT)
    step, total = [[1 - rise, rise], [fall, 1 - fall]], 0.0
    for path in itertools.product((0, 1), repeat=y.size):
        chance = [fall / (rise + fall), rise / (rise + fall)][path[0]]
        chance *= np.prod([step[a][b] for a, b in itertools.pairwise(path)])
        law = stats.norm.pdf(y, np.where(path, high, low), np.where(path, noise_high, noise_low))
        total += chance * np.prod(law[np.isfinite(y)])
    assert Trace(y, DT).expect(PLANTED)[0] == pytest.approx(np.log(total), abs=1e-12)
    steps = 1e-5 * np.eye(6)
    trace = Trace(y, DT)
    slopes = [(trace.scores(PLANTED + s)[0] - trace.scores(PLANTED - s)[0]) / 2e-5 for s in steps]
    np.testing.assert_allclose(trace.scores(PLANTED)[1].sum(axis=0), slopes, rtol=1e-5, atol=1e-7)


@pytest.mark.promise("calibration.data.masks")
def test_masked_trace_gives_the_stays_of_the_whole_one():
    """Half of the samples lost in stretches about as long as a stay: joined ends would make stays far too short."""
    y = drawn(60_000, 5)
    lost = y.copy()
    for start in np.arange(100, y.size - 100, 50):
        lost[start : start + 25] = np.nan
    found, covariance = fit_telegraph(Trace(lost, DT))
    joined, _ = fit_telegraph(Trace(lost[np.isfinite(lost)], DT))
    error = np.sqrt(covariance.diagonal())[4:]
    assert np.all(np.abs(found[4:] - PLANTED[4:]) < 4.0 * error)
    assert np.all(np.abs(joined[4:] - PLANTED[4:]) > 4.0 * error)


@pytest.mark.promise("calibration.data.masks")
@pytest.mark.parametrize("size", [1.0, 3.0, -2.0, 5.0])
def test_spike_is_named_before_the_interval_is_blamed(tmp_path, size):
    y = 0.1 + 0.02 * drawn(3000, 7)
    y[500] = np.median(y) + 0.3 * size
    path = save(tmp_path / "data.csv", y)
    with pytest.raises(
        InputError, match=r"row 501 \(line 502\), must be within .* an isolated spike: 1 such.*--mask spikes"
    ):
        calibrate_file("telegraph", path, Request(n_trials=20))
    outcome = calibrate_file("telegraph", path, Request(n_trials=20), Reading(mask="spikes"))
    assert outcome.notes["masked"] == {"spikes": 1}
    assert outcome.calibration.check().provenance["file"]["masked"] == {"spikes": 1}


def test_no_spike_is_found_where_there_is_none():
    for seed in range(20):
        assert not spikes(drawn(20_000, seed)).size
    rare = np.random.default_rng(1).standard_normal(20_000)
    rare[::2500] += 30.0  # eight visits of one height: a state
    assert not spikes(rare).size
    rare[::2500] += 100.0 * np.arange(8)  # of eight heights: spikes
    assert spikes(rare).size == 8


@pytest.mark.promise("calibration.data.masks")
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 3e4 / 7.0])
def test_rounded_times_are_equal_and_lacking_samples_are_not(tmp_path, rate):
    y = drawn(4000, 9)
    times = np.arange(y.size) / rate
    table = calibrate_file("telegraph", save(tmp_path / "a.csv", y, times, 6), Request(n_trials=20))
    assert table.calibration.provenance["interval_s"] == pytest.approx(1.0 / rate, rel=1e-5)
    assert table.notes["times_rounded_to_s"] == pytest.approx(1e-6)
    keep = np.delete(np.arange(y.size), [1000, 2000, 2001])
    path = save(tmp_path / "b.csv", y[keep], times[keep], 6)
    with pytest.raises(InputError, match=r"row 1001 \(line 1002\), must be .* digits end at 1e-06 s.*--mask gaps"):
        calibrate_file("telegraph", path, Request(n_trials=20))
    outcome = calibrate_file("telegraph", path, Request(n_trials=20), Reading(mask="gaps"))
    assert outcome.notes["masked"] == {"gaps": 3}
    moved = times.copy()
    moved[1500] += 0.2 / rate  # more than the digits explain
    with pytest.raises(InputError, match=r"row 150[12] "):
        calibrate_file("telegraph", save(tmp_path / "c.csv", y, moved, 6), Request(n_trials=20))


def test_times_that_are_the_same_or_go_back_are_named(tmp_path):
    y = drawn(300, 1)
    for change, fault in ((0.0, "the same again"), (-5e-4, "not 0.0985 s")):
        times = DT * np.arange(y.size)
        times[100] = times[99] + change
        with pytest.raises(InputError, match=rf"row 101 \(line 102\), must be above 0.099 s.*{fault}"):
            calibrate_file("telegraph", save(tmp_path / "data.csv", y, times), Request(n_trials=20))


def test_cells_with_masked_readings_are_left_out_as_a_whole(tmp_path):
    header, rows = EXAMPLES["drift"](1)
    assert header == "cell,time_s,conductance_uS"
    times, n_cells = np.unique(rows[:, 1]), np.unique(rows[:, 0]).size
    g_uS = rows[np.lexsort((rows[:, 0], rows[:, 1])), 2].reshape(times.size, n_cells)
    cells = [[f"{value:.9g}" for value in row] for row in g_uS]
    cells[2][7], cells[0][30] = "OL", ""
    text = "time_s," + ",".join(f"c{k}_uS" for k in range(n_cells)) + "\n"
    path = tmp_path / "wide.csv"
    path.write_text(text + "".join(f"{t:g}," + ",".join(row) + "\n" for t, row in zip(times, cells, strict=True)))
    with pytest.raises(InputError, match=r"column 'c7_uS', row 3 \(line 4\), .*--mask overload"):
        read_table(path, KINDS["drift"].columns, Reading(mask="empty"))
    with pytest.raises(InputError, match=r"column 'c30_uS', row 1 \(line 2\), .* not an empty cell"):
        read_table(path, KINDS["drift"].columns, Reading(mask="overload"))
    outcome = calibrate_file("drift", path, Request(n_trials=20), Reading(mask="overload,empty"))
    assert outcome.notes["masked"] == {"overload": 1, "empty": 1, "cells left out": 2}
