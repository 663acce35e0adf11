"""Functions of the front door do what the commands do."""

import json

import dimod
import networkx
import numpy as np
import pytest
import scipy.sparse

import spinchip
from spinchip.emulator.instances.resolve import read_instance
from spinchip.sim.cli.app import run

RING = "[ring n=6 J=1 h=0.3]"


def printed(capsys, *arguments):
    """Return the JSON object of a command that must succeed."""
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.promise("house.front-door")
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


@pytest.mark.promise("house.front-door")
def test_verify_gives_the_verdict_of_the_command(capsys):
    command = printed(capsys, "verify", RING, "--beta", "0.5", "--seed", "2")
    verdict = spinchip.verify(RING, beta=0.5, seed=2)
    assert (command["verdict"], command["p_value"]) == (verdict.verdict, verdict.p_value)


@pytest.mark.promise("house.front-door")
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


J2 = np.array([[0.0, 1.5], [1.5, 0.0]])
Q3 = np.array([[-1.0, 2.0, 0.0], [0.5, -3.0, 1.0], [0.0, 0.0, 4.0]])


@pytest.mark.promise("house.front-door.nothing-dropped")
def test_load_of_a_matrix_takes_biases_and_all_that_belongs_to_it():
    model = spinchip.load(J2, h=[0.5, -1.0], offset=2.0, labels=["a", "b"], name="mine")
    assert model.biases.tolist() == [0.5, -1.0]
    assert (model.offset, model.labels, model.name) == (2.0, ("a", "b"), "mine")
    assert spinchip.load(np.triu(J2), triangle="upper").couplings.toarray().tolist() == J2.tolist()


@pytest.mark.promise("house.front-door.nothing-dropped")
@pytest.mark.parametrize("sense", ["min", "max"])
def test_a_qubo_in_numpy_has_the_energies_of_the_objective(sense, tmp_path):
    np.save(tmp_path / "Q.npy", Q3)
    x = np.array([[k >> bit & 1 for bit in range(3)] for k in range(8)])
    objective = np.einsum("ki,ij,kj->k", x, Q3, x) * (1 if sense == "min" else -1)
    for model in (spinchip.load(Q3, sense=sense), read_instance(tmp_path / "Q.npy", sense=sense)):
        np.testing.assert_allclose(model.energies(2 * x - 1), objective, rtol=0, atol=1e-12)


@pytest.mark.promise("house.front-door.nothing-dropped")
@pytest.mark.parametrize(
    ("source", "choices", "rule"),
    [
        (J2, {"base": 1}, "Choice base must be left out for a matrix "),
        (J2, {"file_format": "coo"}, "Choice file_format must be left out for a matrix "),
        (Q3, {"sense": "min", "h": [1, 2, 3]}, "Choice h must be left out for the matrix of a QUBO "),
        (Q3, {"sense": "least"}, "Option sense must be min or max, not 'least'"),
        (Q3 * np.nan, {"sense": "min"}, r"Entry Q\[0, 0\] must be finite, not nan"),
        (spinchip.load(J2), {"h": [1, 2]}, "Choice h must be left out for an IsingInstance "),
        (networkx.Graph(), {"h": [1, 2]}, "Choice h must be left out for a graph "),
        (dimod.BinaryQuadraticModel("SPIN"), {"sign": "plus"}, "Choice sign must be left out for a model of dimod "),
        ("examples/ea3d/size08_0000.txt", {"h": [1, 2]}, "Choice h must be left out for a file"),
    ],
)
def test_load_refuses_what_would_change_nothing(source, choices, rule):
    with pytest.raises(spinchip.InputError, match=f"^{rule}"):
        spinchip.load(source, **choices)


@pytest.mark.promise("house.front-door.nothing-dropped")
@pytest.mark.parametrize(
    ("choices", "rule"),
    [
        ({"beta": [0.5, 1.0]}, r"Inverse temperature must be one number \(several: a Schedule\), not \[0.5, 1.0\]"),
        ({"beta": np.array([0.5])}, "Inverse temperature must be one number"),
        ({"beta": None}, "Inverse temperature must be one number"),
        ({"beta": 1j}, "Inverse temperature must be one number"),
        ({"sweeps": 2.5}, "Sweeps of a segment must be a whole number"),
        ({"sweeps": np.inf}, "Sweeps of a segment must be a whole number"),
        ({"sweeps": "8"}, "Sweeps of a segment must be a whole number"),
        ({"every": 9}, "Run must keep at least one state per chain, not 0"),
        ({"burn_in": 8}, "Run must keep at least one state per chain, not 0"),
        ({"on": None}, "Backend must be a name or a sampler, not None"),
    ],
)
def test_sample_refuses_odd_numbers_in_one_line(choices, rule):
    with pytest.raises(spinchip.InputError, match=f"^{rule}"):
        spinchip.sample(RING, **{"beta": 0.5, "sweeps": 8, "chains": 2, **choices})


def test_anneal_refuses_no_sweeps_as_the_command_does():
    with pytest.raises(spinchip.InputError, match="^Sweeps must be a whole number of at least 1, not 0$"):
        spinchip.anneal(RING, sweeps=0, runs=4)


def test_the_state_of_a_search_comes_with_its_names():
    bqm = dimod.BinaryQuadraticModel({"z": 1.0, "a": -2.0}, {("z", "a"): 0.5}, "SPIN")
    found = spinchip.anneal(bqm, sweeps=20, runs=2)
    best = dict(zip(found.labels, found.spins.tolist(), strict=True))
    assert best == dimod.ExactSolver().sample(bqm).first.sample == {"a": 1, "z": -1}


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda out: spinchip.verify(RING, beta=0.5, chains=0), "Chains must be a whole number of at least 1, not 0"),
        (lambda out: spinchip.anneal(RING, ground=np.nan), "Energy must be a finite number, not nan"),
        (lambda out: spinchip.crossbar(J2, "ideal", seed=-1), "Seed must be a whole number of at least 0, not -1"),
        (lambda out: spinchip.write_rtl(RING, out, seed=-1), "Seed must be a whole number of at least 0, not -1"),
        (lambda out: spinchip.build(RING, "ulx3s_85f", out, baud=0), "Baud rate must be a whole number of at least 1"),
        (lambda out: spinchip.calibrate("sigmoid", out, coverage=-1), "Coverage must be a whole number of at least 0"),
        (lambda out: spinchip.anneal(RING, ground="low"), "Energy must be a number, not 'low'"),
        (lambda out: spinchip.crossbar(J2, "ideal", tile=2.5), "Tile size must be a whole number of at least 1"),
        (lambda out: spinchip.crossbar(J2, "ideal", bits=8), "Bits must be a pair, of inputs and of ADC codes, not 8"),
        (lambda out: spinchip.crossbar(J2, "ideal", "late"), "Time must be a number, not 'late'"),
        (lambda out: spinchip.crossbar(J2, "ideal", wire_ohm=None), "Wire must be a number, not None"),
        (lambda out: spinchip.write_rtl(RING, out, beta="cold"), "Inverse temperature must be a number, not 'cold'"),
        (lambda out: spinchip.write_rtl(RING, out, name=5), "--name must be letters, digits and underscores"),
        (lambda out: spinchip.write_rtl(RING, out, fabric="dense=1"), "Fabric choices must be FabricOptions, not 'de"),
        (lambda out: spinchip.verify(RING, 0.5, fabric=8), "Fabric choices must be FabricOptions, not 8"),
        (lambda out: spinchip.sample(RING, 0.5, 8, every=1.5), "Recording must have after >= 0 and every >= 1"),
        (lambda out: spinchip.sample(RING, 0.5, 8, burn_in="x"), "Recording must have after >= 0 and every >= 1"),
        (lambda out: spinchip.sample(RING, 0.5, 8, out=out / "no" / "s.nc"), "Output must lie in a folder that can be"),
    ],
)
def test_functions_refuse_what_the_commands_refuse(call, rule, tmp_path):
    with pytest.raises(spinchip.InputError, match=f"^{rule}"):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_search_keeps_its_files_and_counts_from_the_energy_given(tmp_path):
    found = spinchip.anneal(RING, sweeps=20, runs=2, ground=-8.0, out=tmp_path / "best.txt", keep=tmp_path / "kept")
    assert (found.residual_from, found.is_ground_known) == (-8.0, True)
    assert (tmp_path / "best.txt").read_text() == "".join(f"{spin}\n" for spin in found.spins)
    told = json.loads((tmp_path / "kept" / "anneal.json").read_text())
    assert told["best_energy"] == found.energy
    assert [found.as_dict()[key] for key in ("out", "files")] == [str(tmp_path / "best.txt"), list(found.files)]


def test_states_are_left_out_on_request_and_summarised():
    drawn, kept = (spinchip.sample(RING, 0.5, 400, chains=4, keep_spins=keep) for keep in (False, None))
    assert drawn.spins is None
    assert kept.spins.shape == (4, 300, 6)
    assert np.array_equal(drawn.energies, kept.energies)
    summary = spinchip.summarise(spinchip.load(RING), kept)
    assert summary["energy"]["mean"] == pytest.approx(kept.energies.mean(), rel=1e-12)
    assert summary["n_samples"] == 1200


def test_instances_of_other_libraries_have_their_energies():
    graph = networkx.Graph()
    graph.add_node("a", h=0.5)
    graph.add_edge("a", "b", J=-1.5)
    bqm = dimod.BinaryQuadraticModel({"a": -0.5, "b": 0.0}, {("a", "b"): 1.5}, 0.25, "SPIN")
    matrix = scipy.sparse.csr_array(-J2)
    models = [
        spinchip.IsingInstance.from_networkx(graph),
        spinchip.IsingInstance.from_dimod(bqm),
        spinchip.IsingInstance.from_scipy(matrix, [0.5, 0.0]),
        spinchip.IsingInstance.from_arrays(-J2, [0.5, 0.0]),
    ]
    states = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    wanted = 1.5 * states[:, 0] * states[:, 1] - 0.5 * states[:, 0]
    for model in models:
        np.testing.assert_array_equal(model.energies(states) - model.offset, wanted)
    assert [model.offset for model in models] == [0.0, 0.25, 0.0, 0.0]
    assert models[0].labels == models[1].labels == ("a", "b")
    with pytest.raises(spinchip.InputError, match="^Matrix must be a sparse one of scipy, not ndarray"):
        spinchip.IsingInstance.from_scipy(J2)


def test_samples_of_hardware_hold_their_program():
    samples = spinchip.sample(RING, beta=0.5, sweeps=40, on="golden", chains=2)
    assert f"{samples.program.spec.design_id:016x}" == samples.provenance["design_id"]
    assert samples.program.segments == ((0, 40),)
    assert spinchip.sample(RING, beta=0.5, sweeps=40, chains=2).program is None


@pytest.mark.parametrize("program", [{}, {"beta": 0.5, "sweeps": 20, "seed": 3}])
def test_write_rtl_writes_what_the_command_writes(program, tmp_path, capsys):
    words = [str(word) for name, value in program.items() for word in (f"--{name}", value)]
    command = printed(capsys, "rtl", RING, "--name", "mine", "--out", str(tmp_path / "one"), *words)
    result = spinchip.write_rtl(RING, tmp_path / "two", name="mine", **program)
    assert {**command, "files": 0} == {**result, "files": 0}
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_build_refuses_what_the_command_refuses(tmp_path, capsys):
    words = ("--board", "arty_a7_35", "--clock", "max", "--out", str(tmp_path / "build"))
    assert run(["build", RING, *words]) == 2
    told = capsys.readouterr().err.strip().removeprefix("spinchip: ")
    with pytest.raises(spinchip.InputError) as refused:
        spinchip.build(RING, "arty_a7_35", tmp_path / "build", clock="max")
    assert str(refused.value) in told
    assert not (tmp_path / "build").exists()


GLASS = "[sk n=8 seed=1]"


@pytest.mark.promise("cli.front-door-refusals")
@pytest.mark.parametrize(
    ("choices", "rule"),
    [
        ({"method": "apt", "on": "smtj"}, "Backend of method 'apt' must be reference, golden or icarus, not 'smtj'"),
        ({"method": "apt", "on": "nonsense"}, "Backend of method 'apt' must be reference, golden or icarus"),
        ({"on": "nonsense"}, "Backend must be one of "),
        ({"method": "pa", "on": "golden"}, "Backend of method 'pa' must be reference, not 'golden'"),
        ({"method": "best"}, "Method must be one of sa, sqa, apt, pa, not 'best'"),
        ({"fabric": spinchip.FabricOptions()}, "Fabric choices must go with a hardware backend, not with reference"),
        ({"sweeps": "5"}, "Sweeps must be a whole number of at least 1, not '5'"),
        ({"runs": 2.5}, "Runs must be a whole number of at least 1, not 2.5"),
        ({"runs": 10**12}, "1000000000000 runs of 2 sweeps must fit into "),
    ],
)
def test_anneal_refuses_what_the_command_refuses(choices, rule):
    """It ran Icarus for every backend that it did not know."""
    with pytest.raises(spinchip.InputError, match=f"^{rule}"):
        spinchip.anneal(GLASS, **{"sweeps": 2, "runs": 1, **choices})


def test_anneal_takes_a_sampler():
    by_name, by_sampler = (
        spinchip.anneal(GLASS, sweeps=20, runs=2, on=on, seed=3) for on in ("golden", spinchip.backend("golden"))
    )
    assert np.array_equal(by_name.energies, by_sampler.energies)


@pytest.mark.promise("cli.front-door-refusals")
def test_sizes_are_refused_before_they_are_taken(tmp_path):
    with pytest.raises(spinchip.InputError, match=r"^1000000 chains of 1000000000 sweeps must fit into "):
        spinchip.sample(GLASS, 0.5, 10**9, chains=10**6)
    with pytest.raises(spinchip.InputError, match=r"^Chains must be a whole number of at least 1, not 2\.5$"):
        spinchip.sample(GLASS, 0.5, 8, chains=2.5)
    with pytest.raises(spinchip.InputError, match=r"^Sweeps must be a whole number of at least 1, not 0$"):
        spinchip.write_rtl(GLASS, tmp_path / "rtl", sweeps=0)
    assert not (tmp_path / "rtl").exists()
