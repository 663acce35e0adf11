"""The command line: exit status, one JSON object on stdout, one line on stderr."""

import json

import pytest
import xarray

from spinchip.sim.cli.app import run

RING = "[ring n=6 J=1 h=0.3]"


def call(capsys, *arguments):
    status = run(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def json_of(capsys, *arguments):
    status, out, _ = call(capsys, *arguments, "--json")
    assert status == 0
    return json.loads(out)


@pytest.mark.promise("cli.exit-status")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], None),
        (["nonsense"], "No such command 'nonsense'"),
        (["sample", RING], "Missing option '--beta'"),
        (["sample", RING, "--beta", "cold"], "Invalid value for '--beta'"),
        (["sample", RING, "--beta", "-1"], "Inverse temperature must be finite and 0 or more, not -1.0"),
        (["sample", RING, "--beta", "1", "--on", "abacus"], "Backend must be one of"),
        (["sample", RING, "--beta", "1", "--chains", "0"], "Chains must be a whole number of at least 1, not 0"),
        (["sample", RING, "--beta", "1", "--sweeps", "0"], "Sweeps of a segment must be a whole number"),
        (["sample", RING, "--beta", "1", "--sweeps", "9", "--burn-in", "9"], "Run must keep at least one state"),
        (["sample", RING, "--beta", "1", "--fabric", "field=s[3][1]"], "Fabric choices must go with golden or icarus"),
        (["sample", RING, "--beta", "1", "--on", "golden", "--fabric", "colour=2"], "Fabric choice must be one of"),
        (["sample", RING, "--beta", "1", "--on", "golden", "--fabric", "field=4.1"], "must be written s[a][b]"),
        (["sample", RING, "--beta", "1", "--out", "no/such/folder/x.nc"], "Output must lie in a folder"),
        (["info", "[ring m=6]"], "m"),
        (["info", "no-such-file.txt"], "no-such-file.txt"),
        (["info", RING, "--format", "rudy"], "Format must go with a file"),
        (["info", __file__, "--format", "xml"], "Format must be one of"),
        (["rtl", RING, "--out", __file__], "Output must be a folder"),
        (["bench", "everything"], "Benchmark must be one of gibbs, golden, rtl"),
        (["mutants", RING, "--beta", "0"], "Inverse temperature of a mutant must be above 0"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(capsys, arguments, words):
    status, out, err = call(capsys, *arguments)
    if words is None:  # nothing asked for: the help
        assert status == 0
        assert "Commands" in out
        return
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("spinchip: ")
    assert words in err


@pytest.mark.promise("cli.exit-status")
def test_a_missing_tool_is_status_3(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = call(capsys, "sample", RING, "--beta", "0.5", "--on", "icarus", "--sweeps", "8")
    assert (status, out) == (3, "")
    assert err == "spinchip: Icarus Verilog (iverilog) is missing; get it with: apt-get install iverilog\n"


@pytest.mark.promise("cli.json", "cli.info")
def test_info_keeps_its_promise(capsys):
    result = json_of(capsys, "info", RING, "--beta", "0.5")
    promised = {"n_spins", "n_couplings", "max_degree", "n_colors", "formats", "quantisation"}
    assert promised <= result.keys()
    assert result["n_spins"] == result["n_couplings"] == 6
    assert 0 < result["quantisation"]["tv"] < 0.01
    assert result["quantisation"]["saturated"] == 0
    coarse = json_of(capsys, "info", RING, "--beta", "0.5", "--fabric", "bias=s[0][1] field=s[2][1]")
    assert coarse["quantisation"]["tv"] > 10 * result["quantisation"]["tv"]


@pytest.mark.promise("cli.json", "cli.sample")
def test_sample_keeps_its_promise_and_its_file(capsys, tmp_path):
    path = tmp_path / "states.nc"
    arguments = ["sample", RING, "--beta", "0.5", "--sweeps", "400", "--on", "golden", "--out", str(path)]
    result = json_of(capsys, *arguments)
    promised = {"n_spins", "n_samples", "energy", "magnetization", "tau_int", "ess", "r_hat", "beta_eff"}
    assert promised | {"flips_per_s", "ledger"} <= result.keys()
    assert {"mean", "se"} <= result["energy"].keys()
    assert result["beta_eff"]["low"] < result["beta_eff"]["best"] < result["beta_eff"]["high"]
    posterior = xarray.open_dataset(path, group="posterior", engine="h5netcdf")
    assert posterior["spins"].shape == (64, 300, 6)
    assert float(posterior["energy"].mean()) == pytest.approx(result["energy"]["mean"])
    posterior.close()
    assert [p.name for p in tmp_path.iterdir()] == ["states.nc"]
    assert json_of(capsys, *arguments)["energy"] == result["energy"]


@pytest.mark.promise("cli.sample")
def test_a_run_too_short_for_a_figure_says_so(capsys):
    result = json_of(capsys, "sample", RING, "--beta", "0.5", "--sweeps", "8")
    assert result["tau_int"] is None
    assert any(note.startswith("tau_int: ") for note in result["notes"])


@pytest.mark.promise("cli.exit-status", "cli.json")
def test_verify_passes_the_honest_and_fails_the_published_lfsr(capsys):
    honest = json_of(capsys, "verify", RING, "--beta", "0.5", "--on", "golden")
    promised = {"verdict", "tv", "tv_floor", "p_value", "alpha", "conditionals", "beta_eff", "n_samples"}
    assert promised <= honest.keys()
    assert honest["verdict"] == "pass"
    arguments = ["verify", RING, "--beta", "0.5", "--on", "golden", "--fabric", "random=lfsr32-oneshift", "--json"]
    status, out, _ = call(capsys, *arguments)
    assert status == 1
    assert json.loads(out)["verdict"] == "fail"


def test_verify_judges_the_reference_by_its_boltzmann_law(capsys):
    assert json_of(capsys, "verify", RING, "--beta", "0.5", "--on", "reference")["verdict"] == "pass"


@pytest.mark.promise("rtl.manifest")
def test_rtl_writes_what_it_names(capsys, tmp_path):
    result = json_of(capsys, "rtl", RING, "--out", str(tmp_path / "rtl"))
    assert {"top", "files", "n_pbits", "colors", "design_id"} <= result.keys()
    texts = {
        name: (tmp_path / "rtl" / name).read_text() for name in ("p_computer.v", "manifest.json", "registers.json")
    }
    assert len(result["files"]) == len(texts)
    assert f"module {result['top']}(" in texts["p_computer.v"]
    assert json.loads(texts["manifest.json"])["design_id"] == result["design_id"]
    assert {row["name"] for row in json.loads(texts["registers.json"])} >= {"MAGIC", "CONTROL", "SPINS"}


@pytest.mark.promise("cli.help")
def test_every_command_has_help_with_an_example(capsys):
    for command in ("demo", "info", "sample", "verify", "mutants", "rtl", "bench"):
        status, out, _ = call(capsys, command, "--help")
        assert status == 0
        assert f"Example: spinchip {command}" in " ".join(out.split())
        assert "--json" in out
        assert "--seed" in out


def test_a_format_too_narrow_is_said_beside_every_figure(capsys, tmp_path):
    path = tmp_path / "chain.txt"
    path.write_text("0 1 0.5\n1 2 -0.25\n2 3 1.7\n")
    narrow = ["--fabric", "weight=s[0][1]"]
    verdict = json_of(capsys, "verify", str(path), "--beta", "1", *narrow)
    assert verdict["verdict"] == "pass"  # the machine does follow the law of its own chain
    assert verdict["quantisation"]["saturated"] == 1
    assert verdict["quantisation"]["tv"] > 0.1
    assert "quantised chain" in verdict["law"]
    run_notes = json_of(capsys, "sample", str(path), "--beta", "1", "--on", "golden", *narrow)["notes"]
    assert any(note.startswith("WARNING: 1 coupling") for note in run_notes)
    assert json_of(capsys, "rtl", str(path), "--out", str(tmp_path / "rtl"), *narrow)["saturated"] == 1
    fitting = json_of(capsys, "verify", str(path), "--beta", "1")
    assert fitting["quantisation"]["saturated"] == 0


def test_a_tiny_run_has_no_diagnostics_and_no_noise(capsys):
    status, out, err = call(capsys, "sample", RING, "--beta", "1", "--sweeps", "20", "--chains", "1", "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert result["r_hat"] is None
    assert result["ess"] is None
    assert any("ESS and R-hat need" in note for note in result["notes"])
