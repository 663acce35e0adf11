"""Write ``docs/results/calibration.md``: speeds of fits beside peers, and how often every interval holds the truth.

Run it as ``python -m spinchip.benchmarks.documents.calibration docs/results/calibration.md``; ten minutes.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import stats

from ...calibration.engine.coverage import coverage_of_experiments, measure_coverage
from ...calibration.engine.least_squares import Problem
from ...calibration.examples.junctions import JUNCTION
from ...calibration.examples.memristors import drift_rows, programming_rows, read_noise_rows, relaxation_rows
from ...calibration.junction.barrier import barrier_model, dwell_series
from ...calibration.junction.sigmoid import calibrate_sigmoids
from ...calibration.junction.telegraph_fit import experiment_of, fit_telegraph, threshold_dwells_s
from ...calibration.junction.telegraph_likelihood import Trace, parameter_names, shown
from ...calibration.memristor.drift import calibrate_drift
from ...calibration.memristor.programming import calibrate_programming
from ...calibration.memristor.read_noise_spectrum import calibrate_read_noise
from ...calibration.memristor.relaxation import calibrate_relaxation
from ...emulator.spec.files.atomic_write import whole_file
from ..calibration import rows
from ..calibration_devices import INTERVAL_S, TELEGRAPH, sigmoid_counts
from .gibbs import machine

N_EXPERIMENTS = 400
DISTANCES = (2.0, 2.5, 3.0, 4.0, 6.0)
HEAD = """# Calibration: speeds, coverage, thresholds

Written by `python -m spinchip.benchmarks.documents.calibration {path}` on {machine}. Ratios above 1 are ours.

## Speed

| what | value | unit | peer | ratio |
|---|---|---|---|---|
"""
COVERAGE = """
Peers work on the same data from the same start and reach the same estimates, to {difference:.0e} standard errors for
the sigmoids and {hmm:.0e} (relative) for the chain; hmmlearn without its priors. The general engine is slower than a
bare `curve_fit` loop: it checks each fit for parameters that the data do not determine.

## Coverage

Share of synthetic experiments whose 68 % interval holds the planted number; honest intervals lie within the given
standard error of 0.68, and p is the probability of a share as unlikely.

| fit | parameter | experiments | share | s.e. | p |
|---|---|---|---|---|---|
"""
THRESHOLDS = """
## Why not a threshold

Mean dwell times of {stay:.0f} ms sampled every ms ({n:,} samples), by the hidden Markov chain and read off at a
threshold in the middle; levels so many standard deviations of the noise apart.

| distance | chain (ms) | threshold (ms) | too short by |
|---|---|---|---|
"""


def telegraph_coverage(n_samples=4000, n_trials=50):
    """Return the coverage of the fit of traces at a distance of 2.5."""
    names = parameter_names()
    empty = Trace(np.zeros(n_samples), INTERVAL_S)

    def experiment(rng):
        return experiment_of(empty.redrawn(TELEGRAPH, rng), names, rng, n_trials)

    return coverage_of_experiments(experiment, names, shown(TELEGRAPH), 1, N_EXPERIMENTS)


def barrier_coverage():
    """Return the coverage of the fit of dwell times, 300 each at seven drives."""
    truth = np.array([np.log10(JUNCTION.tau0_s), JUNCTION.barrier_kT, JUNCTION.gain, JUNCTION.offset])
    drives = np.linspace(-0.2, 0.2, 7)
    stays = np.stack(JUNCTION.dwell_s(JUNCTION.reduced_drive(drives)), axis=1)
    series = dwell_series(drives, np.log(stays), np.tile(np.eye(2) / 300, (7, 1, 1)))
    return measure_coverage(Problem(barrier_model("V", truth), [series]), truth, 1, N_EXPERIMENTS // 2, 50)


def coverages():
    """Return (name, Coverage) of every fit of this room that has intervals by trials."""
    yield "hidden Markov chain", telegraph_coverage()
    yield "sigmoid", calibrate_sigmoids(sigmoid_counts(2), 1, n_coverage=N_EXPERIMENTS).coverage
    yield "barrier", barrier_coverage()
    few = {"seed": 1, "n_trials": 40, "n_coverage": N_EXPERIMENTS}
    target_uS, found_uS = programming_rows(1, 800)[1].T
    scale_S = 25e-6
    yield "programming error", calibrate_programming(1e-6 * target_uS, 1e-6 * found_uS, scale_S, **few).coverage
    _, times_s, conductance_S = _pivoted(drift_rows(1, 300)[1])
    yield "drift", calibrate_drift(times_s, conductance_S, **few).coverage
    _, times_s, moved_S = _pivoted(relaxation_rows(1, 1500)[1])
    yield "relaxation", calibrate_relaxation(times_s, moved_S, **few).coverage
    signal = read_noise_rows(1, 4096)[1][:, 1]
    yield "read noise", calibrate_read_noise(signal, 1e-3, **few).coverage


def _pivoted(rows):
    """Return cells, times and a matrix in siemens from rows of (cell, time, microsiemens)."""
    times_s = np.unique(rows[:, 1])
    return np.unique(rows[:, 0]), times_s, 1e-6 * rows[:, 2].reshape(-1, times_s.size)


def threshold_lines(n_samples=100_000):
    """Yield a line of the table for each distance of the levels."""
    for k, distance in enumerate(DISTANCES):
        theta = TELEGRAPH.copy()
        theta[1] = distance
        trace = Trace(np.zeros(n_samples), INTERVAL_S).redrawn(theta, np.random.default_rng(k))
        found, _ = fit_telegraph(trace)
        chain, read_off = np.exp(-found[4:]).mean(), np.mean(threshold_dwells_s(trace, distance / 2.0))
        yield f"| {distance:g} | {1e3 * chain:.1f} | {1e3 * read_off:.2f} | {chain / read_off:.1f} |\n"


def document(path):
    """Return the document as Markdown."""
    text, measured = HEAD.format(path=path, machine=machine()), rows()
    for row in measured:
        value = "absent" if row["value"] is None else f"{row['value']:,.4g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
        text += f"| {row['name']} | {value} | {row['unit']} | {row['peer']} | {ratio} |\n"
    sigmoid, chain = measured[-4]["difference"], measured[-2]["difference"] or float("nan")
    text += COVERAGE.format(difference=sigmoid, hmm=chain)
    for name, found in coverages():
        for parameter, share in found.fractions.items():
            line = f"{found.n_experiments} | {share:.3f} | {found.standard_error:.3f} | {found.p_value(parameter):.2g}"
            text += f"| {name} | {parameter} | {line} |\n"
        uniform = stats.kstest(found.chi2_p, "uniform").pvalue
        text += f"| {name} | chi2 probabilities are uniform | {found.n_experiments} | | | {uniform:.2g} |\n"
    text += THRESHOLDS.format(stay=1e3 * np.exp(-TELEGRAPH[4]), n=100_000)
    return text + "".join(threshold_lines())


if __name__ == "__main__":
    made = document(sys.argv[1])
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
