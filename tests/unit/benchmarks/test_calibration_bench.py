"""Timed fits reach the peers' estimates, and the committed table holds what was asked of it."""

import re
from pathlib import Path

import numpy as np
import pytest

from spinchip.benchmarks import calibration_devices as bench
from spinchip.calibration.junction.sigmoid import fit_sigmoids

TABLE = Path(__file__).parents[3] / "docs" / "results" / "calibration.md"


@pytest.mark.promise("calibration.speed")
def test_estimates_of_the_timed_work_are_those_of_the_peers():
    counts = bench.sigmoid_counts(20)
    fits = fit_sigmoids(counts, 1, 20)
    found = np.array([bench.curve_fit_one(counts, i, fits.slopes[i], fits.offsets[i]) for i in range(20)])
    errors = fits.slope_trials.std(axis=1)
    assert np.abs((found[:, 0] - fits.slopes) / errors).max() < bench.LARGEST_DIFFERENCE
    other = bench.curve_fit_one(
        counts, 1, fits.slopes[0], fits.offsets[0]
    )  # weights of another junction: other solution
    assert abs(other[0] - fits.slopes[1]) / errors[1] > bench.LARGEST_DIFFERENCE


@pytest.mark.promise("calibration.speed")
def test_committed_table_meets_its_targets():
    text = TABLE.read_text(encoding="utf-8")
    ratio = float(re.search(r"\| 1000 sigmoids x 100 bootstraps .*\| ([\d.]+) \|", text)[1])
    assert ratio >= 100.0
    assert float(re.search(r"\| hidden Markov chain, one iteration .*\| ([\d.]+) \|", text)[1]) > 1.0
    shares = re.findall(r"\| [a-zA-Z ]+ \| [a-z]\w+ \| (\d+) \| ([\d.]+) \| ([\d.]+) \|", text)
    assert len(shares) > 30
    for _, share, error in shares:
        assert abs(float(share) - 0.68) < max(0.05, 4.0 * float(error))
    assert np.mean([float(share) for _, share, _ in shares]) == pytest.approx(0.68, abs=0.02)
