"""Functions of the front door do what the commands do."""

import json

import numpy as np
import pytest

import spinchip
from spinchip.sim.cli import run

RING = "[ring n=6 J=1 h=0.3]"


def printed(capsys, *arguments):
    """Return the JSON object of a command that must succeed."""
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("on", ["reference", "golden"])
def test_sample_draws_what_the_command_draws(on, capsys):
    command = printed(
        capsys, "sample", RING, "--beta", "0.5", "--sweeps", "40", "--chains", "4", "--seed", "3", "--on", on
    )
    samples = spinchip.sample(RING, beta=0.5, sweeps=40, chains=4, seed=3, on=on)
    assert command["energy"]["mean"] == samples.energies.mean()
    assert command["n_samples"] == samples.energies.size == 4 * 30


def test_sample_takes_a_matrix_a_schedule_and_a_sampler():
    couplings = np.array([[0.0, 1.0], [1.0, 0.0]])
    schedule = spinchip.Schedule(((0.1, 10), (0.5, 20)))
    by_name = spinchip.sample(couplings, schedule, on="golden", chains=2, burn_in=0)
    by_sampler = spinchip.sample(spinchip.load(couplings), schedule, on=spinchip.backend("golden"), chains=2, burn_in=0)
    assert by_name.spins.shape == (2, 30, 2)
    assert np.array_equal(by_name.spins, by_sampler.spins)


def test_verify_gives_the_verdict_of_the_command(capsys):
    command = printed(capsys, "verify", RING, "--beta", "0.5", "--seed", "2")
    verdict = spinchip.verify(RING, beta=0.5, seed=2)
    assert (command["verdict"], command["p_value"]) == (verdict.verdict, verdict.p_value)


@pytest.mark.parametrize(("method", "on"), [("sa", "reference"), ("sa", "golden"), ("apt", "golden")])
def test_anneal_finds_what_the_command_finds(method, on, capsys):
    words = ("--method", method, "--on", on, "--sweeps", "60", "--runs", "3", "--seed", "4")
    command = printed(capsys, "anneal", "[ea3d L=4 seed=1]", *words)
    found = spinchip.anneal("[ea3d L=4 seed=1]", method, 60, 3, on=on, seed=4)
    assert command["energies"] == found.energies.tolist()
    assert found.energy == found.energies.min() == spinchip.load("[ea3d L=4 seed=1]").energies(found.spins)
    assert repr(found).startswith("Search(energy=")


def test_crossbar_gives_the_figures_of_the_command(tmp_path, capsys):
    weights = np.random.default_rng(1).standard_normal((6, 5))
    np.save(tmp_path / "w.npy", weights)
    words = ("--device", "pcm_ibm", "--at", "3600", "--tile", "8")
    command = printed(capsys, "crossbar", str(tmp_path / "w.npy"), *words)
    result, array = spinchip.crossbar(weights, "pcm_ibm", 3600.0, tile=8)
    assert command["relative_error"] == result["relative_error"]
    assert array.multiply(np.ones(6)).shape == (5,)


def test_calibrate_fits_what_the_command_fits(tmp_path, capsys):
    data = tmp_path / "sweep.csv"
    printed(capsys, "calibrate", "sigmoid", str(data), "--example")
    command = printed(capsys, "calibrate", "sigmoid", str(data), "--trials", "20", "--seed", "5")
    outcome = spinchip.calibrate("sigmoid", data, trials=20, seed=5)
    best = {name: one["best"] for name, one in command["parameters"].items()}
    assert best == {name: one.best for name, one in outcome.calibration.parameters.items()}


def test_fabric_with_a_sampler_is_refused():
    with pytest.raises(spinchip.InputError, match="^Fabric choices must go with the name of a backend"):
        spinchip.sample(RING, 0.5, on=spinchip.backend("golden"), fabric=spinchip.FabricOptions())
