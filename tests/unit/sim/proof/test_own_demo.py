"""The main job on other instances than the shipped one: what it takes of them."""

import json

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.cli.app import run
from spinchip.sim.proof import demo
from spinchip.sim.proof.agreement import compare_chains


def test_beta_is_as_cold_as_that_of_the_shipped_glass():
    glass = generate("ea3d", L=6, seed=1, boundary="periodic")
    assert demo.own_glass("x", glass).beta == pytest.approx(demo.BETA)
    scaled = IsingInstance(1e-3 * glass.couplings, glass.biases)
    assert demo.own_glass("x", scaled).beta == pytest.approx(1e3 * demo.BETA)
    assert demo.own_glass("x", glass, 0.25).beta == 0.25
    assert demo.own_glass("x", IsingInstance(np.zeros((2, 2)), np.zeros(2))).beta == demo.BETA


def test_piece_takes_what_hangs_together_first_and_all_sizes():
    pairs = IsingInstance.from_edges(7, [(0, 4), (2, 3), (5, 6)], [1.0] * 3)
    assert demo.piece_spins(pairs, 5) == [0, 4, 1, 2, 3]
    assert sorted(demo.piece_spins(pairs, 7)) == list(range(7))


def test_large_instances_have_a_part_in_rtl(monkeypatch):
    monkeypatch.setattr(demo, "MOST_RTL_PBITS", 20)
    whole = demo.own_glass("x", generate("ea3d", L=3, seed=1))
    part = demo.rtl_part(whole)
    assert (part.instance.n_spins, part.spec.n_pbits, part.beta) == (20, 20, whole.beta)
    assert demo._skipped(whole, part)[0].startswith("the rest of the RTL: RTL is generated and run for 20 of 27 spins")
    assert demo.rtl_part(part) is part


@pytest.mark.promise("cli.own-demo")
def test_free_spins_agree_and_frozen_ones_are_compared():
    free = IsingInstance(np.zeros((3, 3)), np.array([0.5, -0.7, 0.1]))
    recording = Recording(after=10)
    runs = [ReferenceSampler().sample(free, Schedule.constant(1.0, 40), 128, seed, recording) for seed in (1, 2)]
    found = compare_chains(free, *runs)
    assert (found.verdict, found.n_moments, found.moment_p) == ("pass", 0, 1.0)
    pinned = IsingInstance(np.zeros((2, 2)), np.array([9.0, 9.0]))
    up = ReferenceSampler().sample(pinned, Schedule.constant(9.0, 40), 128, 1, recording)
    down = ReferenceSampler().sample(pinned, Schedule.constant(9.0, 40), 128, 1, recording, clamps=np.array([-1, -1]))
    assert compare_chains(pinned, up, up).verdict == "pass"
    assert compare_chains(pinned, up, down).verdict == "fail"


def test_beta_without_an_instance_is_refused(capsys, tmp_path):
    assert run(["demo", "--beta", "1", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "spinchip: Inverse temperature must go with an instance, not 1 alone\n"


@pytest.mark.promise("cli.own-demo")
@pytest.mark.icarus
@pytest.mark.slow
def test_promised_keys_on_a_ring_of_ones_own(capsys, tmp_path):
    assert run(["demo", "[ring n=5 J=1 h=0.3]", "--out", str(tmp_path / "own"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"lockstep", "law", "energy", "seconds", "report"} <= result.keys()
    assert {"tv", "tv_floor", "p_value", "verdict"} <= result["law"].keys()
    assert (result["lockstep"]["mismatches"], result["law"]["spins"]) == (0, 5)
    text = (tmp_path / "own" / "report.html").read_text(encoding="utf-8")
    assert "ring n=5" in text
    assert "spinchip demo" in text
