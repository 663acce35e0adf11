"""Time to target by hand, and the committed table."""

import re
from pathlib import Path

import numpy as np
import pytest

from spinchip.benchmarks import anneal as bench

TABLE = Path(__file__).parents[3] / "docs" / "results" / "anneal.md"


@pytest.mark.promise("anneal.speed")
@pytest.mark.parametrize(
    ("seconds", "n_runs", "n_hits", "expected"),
    [
        (10.0, 10, 10, 1.0),
        (10.0, 10, 5, np.log(0.01) / np.log(0.5)),
        (10.0, 1000, 999, 0.01),  # never less than one run
        (10.0, 100, 0, np.inf),
    ],
)
def test_time_to_target_is_that_of_repeated_runs(seconds, n_runs, n_hits, expected):
    assert bench.time_to_target(seconds, n_runs, n_hits) == pytest.approx(expected)


def test_repeated_runs_meet_the_target_as_often_as_the_formula_says():
    """Runs of 1 s with p = 0.3: after the computed time 99 % have met it, and after two thirds of it 95 % at most."""
    rng = np.random.default_rng(1)
    needed = bench.time_to_target(1000.0, 1000, 300)
    first = rng.geometric(0.3, 20_000)
    assert np.mean(first <= np.ceil(needed)) > 0.987
    assert np.mean(first <= np.floor(2 * needed / 3)) < 0.96


@pytest.mark.promise("anneal.speed")
def test_committed_table_names_all_and_holds_the_target():
    text = TABLE.read_text(encoding="utf-8")
    assert all(f"| {name} |" in text for name in bench.MEMBERS)
    assert "absent" not in text
    near = re.search(r"Best peer over ours, 99.5 % of it: ([\d.e+]+) ", text)
    assert float(near[1]) >= 3.0
    ground = re.search(r"Best peer over ours, ground energy: (no peer met it|[\d.e+]+)", text)
    assert ground[1] == "no peer met it" or float(ground[1]) >= 3.0
    costs = re.findall(r"\| [\d,]+ \| ([\d.]+) \| [\d.e-]+ \|", text.split("## Cost of a sweep")[1])
    assert len(costs) == len(bench.SIZES)
    assert "| 1,000,000 |" in text


def test_peer_that_met_the_target_gives_the_ratio():
    ours = [{"best": {"t": (2.0, 100)}, "name": "a"}, {"best": {"t": (np.inf, 0)}, "name": "b"}]
    theirs = [{"best": {"t": (np.inf, 0)}, "name": "c"}, {"best": {"t": (8.0, 10)}, "name": "d"}]
    assert bench.best_ratio(ours + theirs, "t") == (2.0, 4.0, "d")
    assert bench.best_ratio(ours + theirs[:1], "t") == (2.0, None, "no peer met it")
