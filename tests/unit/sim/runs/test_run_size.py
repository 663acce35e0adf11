"""Runs that would not fit into the memory are refused before they start, with what they would take."""

import re

import numpy as np
import pytest

from spinchip.emulator.spec import memory
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Recording
from spinchip.sim.cli.app import run
from spinchip.sim.runs.anneal_run import MOST_RESAMPLED, residual
from spinchip.sim.runs.run_size import check_draws, check_search

RING = "[ring n=6 J=1 h=0.3]"
COMMANDS = {
    "sample": ("sample", RING, "--beta", "1"),
    "sample on junctions": ("sample", RING, "--beta", "1", "--on", "smtj"),
    "verify": ("verify", RING, "--beta", "1"),
    "verify the reference": ("verify", RING, "--beta", "1", "--on", "reference"),
    "anneal": ("anneal", RING),
    "anneal on golden": ("anneal", RING, "--on", "golden"),
}
FITS = r"spinchip: \d+ (chains|runs) of \d+ sweeps must fit into [\d.]+ GB, 50 % of this machine's memory, "
SWEEPS = r"spinchip: Sweeps of a segment must be a whole number in 1\.\.2\^32-1, not 9+$"


@pytest.mark.promise("cli.memory")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("count", ["99999999999", "9" * 40])
def test_too_many_chains_or_runs_are_refused_with_the_memory(name, count, capsys):
    many = "--runs" if "anneal" in name else "--chains"
    assert run([*COMMANDS[name], many, count]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert re.match(FITS, err), err
    assert re.search(r", not take \S+ GB: lower --", err)


@pytest.mark.parametrize("name", COMMANDS)
def test_more_sweeps_than_a_counter_holds_are_refused(name, capsys):
    assert run([*COMMANDS[name], "--sweeps", "99999999999999999999"]) == 2
    assert re.match(SWEEPS, capsys.readouterr().err)


@pytest.mark.promise("cli.memory")
def test_limit_is_half_of_what_the_machine_has(monkeypatch):
    monkeypatch.setattr(memory, "machine_bytes", lambda: 8e9)
    check_draws(1000, 64, 50_000, Recording())  # 3.5 GB
    with pytest.raises(
        InputError, match=r"must fit into 4 GB, 50 % of this machine's memory, not take 6\.98 GB: lower"
    ):
        check_draws(1000, 64, 100_000, Recording())
    check_draws(1000, 64, 100_000, Recording(spins=False))
    check_draws(1000, 64, 100_000, Recording(every=2))
    check_search(1000, 100_000, 10)
    with pytest.raises(InputError, match=r"not take 17 GB: lower --runs"):
        check_search(1000, 1_000_000, 10)


def test_containers_and_own_limits_count(monkeypatch, tmp_path):
    whole = memory.machine_bytes()
    limit = tmp_path / "limit"
    monkeypatch.setattr(memory, "CGROUP_LIMITS", (str(tmp_path / "none"), str(limit)))
    limit.write_text("max\n")
    assert memory.machine_bytes() >= whole
    limit.write_text("1000000\n")
    assert memory.machine_bytes() == 1_000_000
    monkeypatch.setattr(memory.resource, "getrlimit", lambda kind: (5000, 5000))
    assert memory.machine_bytes() == 5000


def test_interval_of_many_runs_is_that_of_fewer():
    energies = np.random.default_rng(1).normal(-10.0, 1.0, MOST_RESAMPLED + 1)
    few, many = residual(energies[:-1], -12.0, 4), residual(energies, -12.0, 4)
    # Both ends of a bootstrap of 2000 err by some 4 % of the half-width, 0.0049.
    assert many["low"] == pytest.approx(few["low"], abs=0.0008)
    assert many["high"] == pytest.approx(few["high"], abs=0.0008)
