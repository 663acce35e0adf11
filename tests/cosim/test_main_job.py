"""The main job and the proofs of the command line, with Icarus."""

import json

import pytest

from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.cli.app import run
from spinchip.sim.proof.agreement import compare_chains
from spinchip.sim.proof.demo import BETA, piece_spins, read_glass

RING = "[ring n=6 J=1 h=0.3]"
pytestmark = pytest.mark.icarus


def json_of(capsys, *arguments):
    status = run([*arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.promise("demo.agreement", "demo.lockstep", "demo.law")
@pytest.mark.slow
def test_demo_proves_the_published_glass(capsys, tmp_path):
    status, result = json_of(capsys, "demo", "--out", str(tmp_path))
    assert status == 0
    assert {"lockstep", "law", "energy", "seconds", "report"} <= result.keys()
    assert result["lockstep"]["engine"] == "Icarus"
    assert result["lockstep"]["mismatches"] == 0
    assert result["lockstep"]["sweeps"] >= 200
    assert result["lockstep"]["cycles"] > 2 * 200
    assert result["law"]["backend"] == "icarus"
    assert result["law"]["verdict"] == "pass"
    assert result["energy"]["putative_ground"] == -858
    assert -858 <= result["energy"]["lowest"] < result["energy"]["golden"]["mean"]
    report = (tmp_path / "report.html").read_text()
    assert "PASS" in report
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.promise("cosim.law", "cli.verify")
def test_verify_on_icarus_passes(capsys):
    status, result = json_of(capsys, "verify", RING, "--on", "icarus", "--beta", "0.5")
    assert status == 0
    assert result["verdict"] == "pass"


@pytest.mark.promise("cosim.law")
@pytest.mark.slow
def test_the_published_lfsr_fails_under_icarus_too(capsys):
    arguments = ("verify", RING, "--on", "icarus", "--beta", "0.5", "--fabric", "random=lfsr32-oneshift")
    status, result = json_of(capsys, *arguments)
    assert status == 1
    assert result["verdict"] == "fail"


@pytest.mark.promise("mutants.lockstep", "cli.mutants")
@pytest.mark.slow
def test_every_mutant_is_rejected(capsys):
    status, result = json_of(capsys, "mutants", RING)
    assert status == 0
    assert len(result["mutants"]) == 13
    assert all(row["rejected"] for row in result["mutants"])
    assert result["power"] >= 0.999
    assert result["honest"]["verdict"] == "pass"
    by = {row["name"]: row["by"].split(":")[0] for row in result["mutants"]}
    assert {name for name, gate in by.items() if gate == "lockstep"} == {"tie rule", "sweep count"}


@pytest.mark.promise("demo.agreement")
def test_agreement_sees_two_percent_of_beta():
    # Slope of the energy in beta: the variance of E, about 760 here, so 0.016 shifts the mean by some 12; errors 0.6.
    glass = read_glass().instance
    recording = Recording(after=200, every=4)
    schedules = [Schedule(((0.4, 100), (beta, 300))) for beta in (BETA, 1.02 * BETA)]
    runs = [
        ReferenceSampler().sample(glass, s, 128, seed, recording) for seed, s in enumerate((*schedules, schedules[0]))
    ]
    assert compare_chains(glass, runs[0], runs[2]).verdict == "pass"
    assert compare_chains(glass, runs[0], runs[1]).verdict == "fail"


@pytest.mark.promise("demo.law")
def test_the_piece_is_connected():
    glass = read_glass().instance
    spins = piece_spins(glass, 12)
    piece = glass.submodel(spins)
    assert len(set(spins)) == 12
    assert (piece.degrees > 0).all()
