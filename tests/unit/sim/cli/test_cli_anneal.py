"""`spinchip anneal`: answers checked against the instance, residuals with honest intervals, refusals in one line."""

import json

import dimod
import numpy as np
import pytest
import xarray as xr

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.replicas.trotter import trotter_ring
from spinchip.sim.cli.app import run
from spinchip.sim.runs.anneal_files import energies_figure
from spinchip.sim.runs.anneal_run import residual

PLANTED = "[planted L=4 seed=1]"
GROUND = resolve(PLANTED).provenance["ground_energy"]


def answer(capsys, *arguments):
    assert run(["anneal", PLANTED, "--runs", "6", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--method", "sa", "--sweeps", "300"),
        ("--method", "apt", "--sweeps", "100"),
        ("--method", "pa", "--sweeps", "200"),
        ("--method", "sqa", "--sweeps", "100"),
        ("--on", "golden", "--sweeps", "400"),
        ("--on", "crossbar", "--sweeps", "300"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_planted_ground_state_is_found(capsys, tmp_path, arguments):
    result = answer(capsys, *arguments, "--out", str(tmp_path / "best.txt"))
    assert result["best_energy"] == GROUND == min(result["energies"])
    spins = np.loadtxt(tmp_path / "best.txt", dtype=np.int8)
    assert resolve(PLANTED).energies(spins[None])[0] == GROUND
    assert {"residual", "sweeps", "replicas", "seconds"} < set(result)


def test_residual_counts_from_the_ground_that_is_given(capsys):
    result = answer(capsys, "--sweeps", "200", "--ground", str(GROUND - 64))
    expected = (np.mean(result["energies"]) - GROUND + 64) / 64
    assert result["residual"]["best"] == pytest.approx(expected)
    assert result["residual"]["low"] <= expected <= result["residual"]["high"]


def test_one_sweep_does_not_reach_it(capsys):  # negative control of the tests above
    assert answer(capsys, "--sweeps", "1")["best_energy"] > GROUND


def test_interval_covers_the_mean_as_often_as_it_says():
    rng, hits = np.random.default_rng(1), 0
    for k in range(300):
        found = residual(rng.normal(3.0, 1.0, 40), 0.0, 1, seed=k)
        hits += found["low"] <= 3.0 <= found["high"]
    assert 300 * 0.95 - hits < 4 * np.sqrt(300 * 0.95 * 0.05)  # the bootstrap of 40 is a little narrow: 0.94


def test_checkpoint_goes_on_to_the_same_answer(capsys, tmp_path):
    kept = ("--sweeps", "150", "--checkpoint", str(tmp_path / "state"))
    first, again = answer(capsys, *kept), answer(capsys, *kept)
    assert (tmp_path / "state").exists()
    assert first["energies"] == again["energies"] == answer(capsys, "--sweeps", "150")["energies"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--method", "foo"), "Method must be one of sa, sqa, apt, pa, not 'foo'"),
        (
            ("--method", "apt", "--on", "smtj"),
            "Backend of method 'apt' must be reference, golden or icarus, not 'smtj'",
        ),
        (
            ("--method", "pa", "--on", "golden"),
            "Backend of method 'pa' must be reference, not 'golden'; the others take sa, sqa, apt",
        ),
        (("--sweeps", "0"), "Sweeps must be a whole number of at least 1, not 0"),
    ],
)
def test_refusals_are_one_line(capsys, arguments, line):
    assert run(["anneal", PLANTED, *arguments]) == 2
    assert capsys.readouterr().err == f"spinchip: {line}\n"


@pytest.mark.promise("anneal.hardware")
@pytest.mark.parametrize(("method", "on"), [("apt", "golden"), ("sqa", "golden"), ("sqa", "smtj")])
def test_planted_ground_state_is_found_on_hardware(capsys, method, on):
    found = answer(capsys, "--method", method, "--on", on, "--sweeps", "100", "--runs", "2")
    assert found["best_energy"] == resolve(PLANTED).provenance["ground_energy"]
    assert found["replicas"] > 1


@pytest.mark.icarus
@pytest.mark.slow
def test_tempering_under_icarus_is_that_of_golden(capsys):
    arguments = ("[ring n=6 J=-1 h=0]", "--method", "apt", "--sweeps", "20", "--runs", "2", "--json")
    energies = []
    for on in ("golden", "icarus"):
        assert run(["anneal", *arguments, "--on", on]) == 0
        energies.append(json.loads(capsys.readouterr().out)["energies"])
    assert energies[0] == energies[1] == [-6.0, -6.0]


@pytest.mark.promise("anneal.hardware")
def test_ring_of_replicas_has_the_energy_of_its_replicas_and_couplings():
    glass = resolve("[ea3d L=3 seed=1]")
    ring = trotter_ring(glass, 4, 0.7)
    spins = np.random.default_rng(1).choice([-1, 1], (5, 4, glass.n_spins)).astype(np.int8)
    expected = glass.energies(spins.reshape(-1, glass.n_spins)).reshape(5, 4).sum(axis=1)
    expected = expected - 0.7 * (spins * np.roll(spins, 1, axis=1)).sum(axis=(1, 2))
    np.testing.assert_allclose(ring.energies(spins.reshape(5, -1)), expected)


@pytest.mark.promise("instances.offset-and-labels")
@pytest.mark.parametrize("name", ["m.bqm", "m.json"])
def test_answers_of_a_labelled_model_carry_labels_and_the_offset(capsys, tmp_path, name):
    bqm = dimod.BinaryQuadraticModel({"z": 1.0, "a": -0.5, 7: 0.25}, {("z", "a"): -1.5, ("a", 7): 0.75}, 10.5, "BINARY")
    source = tmp_path / name
    source.write_text(json.dumps(bqm.to_serializable()))
    if name == "m.bqm":
        with bqm.to_file() as handle:
            source.write_bytes(handle.read())
    lowest = dimod.ExactSolver().sample(bqm).first
    assert run(["anneal", str(source), "--sweeps", "50", "--json", "--out", str(tmp_path / "best.txt")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["labels"] == [7, "a", "z"]
    assert result["best_energy"] == lowest.energy
    lines = [line.split("\t") for line in (tmp_path / "best.txt").read_text().splitlines()]
    assert [(label, (1 + int(spin)) // 2) for label, spin in lines] == [
        (str(label), int(lowest.sample[label])) for label in (7, "a", "z")
    ]
    sampled = ["sample", str(source), "--beta", "1", "--sweeps", "20", "--json", "--out", str(tmp_path / "s.nc")]
    assert run(sampled) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["labels"] == [7, "a", "z"]
    with xr.open_dataset(tmp_path / "s.nc", group="posterior", engine="h5netcdf") as drawn:
        assert drawn["spin"].values.tolist() == ["7", "a", "z"]
        states = (drawn["spins"].values.reshape(-1, 3) + 1) // 2
        assert np.array_equal(drawn["energy"].values.ravel(), bqm.energies((states, [7, "a", "z"])))


@pytest.mark.parametrize(("energy", "ground"), [(-32.0888, -32.0888), (0.0, 0.0), (-800.0, -1000.0), (5e200, 5e200)])
def test_runs_of_one_energy_are_a_bar_in_the_picture_and_not_all_of_it(energy, ground):
    words = {"method": "apt", "backend": "reference", "instance": "m40"}
    axes = energies_figure({"energies": [energy] * 4, "residual_from": ground, **words}).axes[0]
    low, high = axes.get_xlim()
    assert low < ground < high
    assert axes.patches[0].get_width() < 0.2 * (high - low)
    assert axes.get_ylim()[1] > 1.2 * 4  # the legend stands above the bars
