"""The record tells what was found and where it comes from, and refuses a model that the data reject."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.stats import chi2, ncx2

from spinchip.calibration.engine.calibrate import calibrate
from spinchip.calibration.engine.model import Parameter, curve_model
from spinchip.calibration.engine.series import Series
from spinchip.emulator.spec.errors import InputError

X = np.linspace(-1.0, 1.0, 20)
SIGMA = 0.1
LINE = curve_model("line", lambda x, a, b: a + b * x, [Parameter("a", 1.0), Parameter("b", 1.0)])
BENT = curve_model("parabola", lambda x, a, b, c: a + b * x + c * x**2, [Parameter(n, 1.0) for n in "abc"])
# The bend that a line must not pass: what is left of x^2 adds its square over sigma^2 to chi2, and
# a chi2 that large is below the threshold once in a million runs.
LEFT = X**2 - np.mean(X**2)
ADDED = next(a for a in range(20, 200) if ncx2.cdf(chi2.isf(1e-3, 18), 18, a) < 1e-6)
BEND = SIGMA * np.sqrt(ADDED / np.sum(LEFT**2))


def bent_series(seed):
    y = 1.0 + X + BEND * X**2 + SIGMA * np.random.default_rng(seed).standard_normal(X.size)
    return Series.of_curve("trace", X, y, SIGMA, ("bias_V", "mean"))


@pytest.fixture(scope="module")
def found():
    return calibrate(BENT, [bent_series(2)], 3)


@pytest.mark.promise("calibration.engine.calibrate")
def test_right_model_is_kept_and_a_line_is_refused(found):
    assert found.check() is found
    wrong = calibrate(LINE, [bent_series(2)], 3)
    with pytest.raises(InputError, match=r"^Model 'line' must be consistent with the data .* not .*, chi2/dof .*$"):
        wrong.check()


def test_intervals_are_ordered_and_near_the_estimates(found):
    for name, one in found.parameters.items():
        half = 0.5 * (one.high - one.low)
        assert one.low < one.best < one.high
        assert abs(one.best - found.estimates[name]) < half
    assert (found.dof, found.trials.shape, found.chi2_dof) == (17, (100, 3), found.chi2 / 17)


def test_record_is_frozen_and_saved_whole(found, tmp_path):
    with pytest.raises(FrozenInstanceError):
        found.seed = 4
    path = tmp_path / "card.json"
    found.save(path)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert read == json.loads(json.dumps(found.as_dict()))
    assert read["parameters"]["c"]["best"] == found.parameters["c"].best
    assert read["provenance"]["series"] == {"trace": {"n_points": 20, "columns": ["mean"]}}
    assert (read["seed"], read["n_trials"], read["coverage"]) == (3, 100, None)


def test_hash_of_the_data_sees_a_changed_point(found):
    same, other = (calibrate(BENT, [bent_series(seed)], 5, 20) for seed in (2, 4))
    assert same.provenance["data_sha256"] == found.provenance["data_sha256"]
    assert other.provenance["data_sha256"] != found.provenance["data_sha256"]


def test_coverage_is_saved():
    with_coverage = calibrate(LINE, [Series.of_curve("ramp", X, 1.0 + X, SIGMA)], 3, 20, n_coverage=4)
    saved = with_coverage.as_dict()["coverage"]
    assert saved["n_experiments"] == 4
    assert saved["pooled"] == pytest.approx(np.mean(list(saved["fractions"].values())))
