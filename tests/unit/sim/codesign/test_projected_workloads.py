"""Projections of searches, directed p-bits and digits: steps against exact laws, goals that cannot be reached, keys."""

import json

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.ladder import adaptive_ladder
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.stats.importance import effective_share, shares_of
from spinchip.models.logic.circuits import circuit
from spinchip.models.van.directed_pbits import draw_directed
from spinchip.models.van.fvsbn import Fvsbn
from spinchip.models.van.own_networks import own_network
from spinchip.sim.cli import project as cli_project
from spinchip.sim.cli.app import run
from spinchip.sim.codesign.projections import glass as project_glass
from spinchip.sim.codesign.projections import search as project_search
from spinchip.sim.codesign.projections.autoregressive import FLAWS, N_STATES, autoregressive_machines, glass_of_network
from spinchip.sim.codesign.projections.digits import digit_machines
from spinchip.sim.codesign.projections.estimate import exact
from spinchip.sim.codesign.projections.glass import Steps, gibbs_machines, junction_sweep, machine_samplers
from spinchip.sim.codesign.projections.machines import GPU_FLOP_S
from spinchip.sim.codesign.projections.search import Goal, search_machines, success_share, sweeps_to_goal
from spinchip.sim.codesign.projections.workloads import PROJECTIONS, Wish, projected

SPIN = IsingInstance(np.zeros((1, 1)), np.array([1.0]), name="one spin")


@pytest.mark.promise("codesign.projection")
@pytest.mark.parametrize("name", machine_samplers())
def test_share_of_runs_is_the_exact_probability(name):
    """A spin reaches +1 in one sweep or the next; the last state alone, or a sweep more, would be 16 s.e. off."""
    beta, n_runs = 0.2, 3000
    up = 1.0 / (1.0 + np.exp(-2.0 * beta))
    for n_sweeps in (1, 2):
        share = success_share(machine_samplers()[name], Goal(SPIN, -1.0), (beta,), n_sweeps, n_runs, 1)
        exact = 1.0 - (1.0 - up) ** n_sweeps
        error = np.sqrt(exact * (1.0 - exact) / n_runs)
        assert abs(share - exact) < 4.0 * error
        assert abs(1.0 - (1.0 - up) ** (3 - n_sweeps) - exact) > 16.0 * error


def test_sweeps_follow_the_share_and_its_interval():
    low, best, high = sweeps_to_goal(100, 48, 96)
    assert best == pytest.approx(100 * np.log(0.01) / np.log(0.5))
    assert low < best < high
    assert sweeps_to_goal(100, 4, 96)[2] > 4 * sweeps_to_goal(100, 48, 96)[2]
    assert sweeps_to_goal(100, 960, 960)[:2] == (100, 100)  # one run is enough, and none is too few


def test_goals_that_hold_and_goals_that_cannot():
    """A goal that every state meets takes one shortest run; one below the ground state is refused by its number."""
    instance = generate("ring", n=6, J=1, h=0.2)
    machines, left_out = search_machines(Goal(instance, 100.0), 1, lengths=(5, 20), n_runs=64)
    assert left_out == []
    assert {machine.steps.best for machine in machines} == {5}
    with pytest.raises(InputError, match="-100"):
        search_machines(Goal(instance, -100.0), 1, lengths=(5, 20), n_runs=64)
    adder = circuit("adder", bits=1)
    with pytest.raises(InputError, match="reaches"):  # 1 + 1 + 0 is not 1
        search_machines(
            Goal(adder.instance, adder.ground_energy, adder.clamps(a=1, b=1, cin=0, s=1)), 1, lengths=(20,), n_runs=32
        )
    machines, _ = search_machines(
        Goal(adder.instance, adder.ground_energy, adder.clamps(a=1, b=1, cin=0)), 1, lengths=(20,), n_runs=32
    )
    assert len(machines) == 4


def test_the_runs_that_count_are_not_those_that_chose(monkeypatch):
    """Of several lengths the best share is too good; the chosen length is run again with seeds of its own."""
    tried = []

    def recorded(sampler, goal, betas, n_sweeps, n_runs, seed):
        tried.append((sampler.name, n_sweeps, {seed + k for k in range(-(-n_runs // project_search.AT_ONCE))}))
        return 0.5

    monkeypatch.setattr(project_search, "success_share", recorded)
    search_machines(Goal(SPIN, -1.0), 1, lengths=(5, 20), n_runs=192)
    for name in machine_samplers():
        *choosing, (_, length, counting) = [(n, sweeps, seeds) for n, sweeps, seeds in tried if n == name]
        assert [sweeps for _, sweeps, _ in choosing] == [5, 20]
        assert length == 5
        assert all(counting.isdisjoint(seeds) for _, _, seeds in choosing)


def test_a_sweep_of_junctions_is_a_product_for_each_colour(monkeypatch):
    of_colour, joules, n = {}, {}, {"ring": 12, "complete": 12}
    for name, text in (("ring", "[ring n=12 J=1]"), ("complete", "[sk n=12 seed=1]")):
        seconds, energy, n_products = junction_sweep(resolve(text))
        of_colour[name], joules[name], n[name] = seconds.best / n_products, energy.best, n_products
    assert n == {"ring": 2, "complete": 12}
    assert of_colour["ring"] == pytest.approx(of_colour["complete"])
    assert joules["complete"] > 4.0 * joules["ring"]
    monkeypatch.setattr(project_glass, "least_processor_s", lambda work: 1.0)
    core = gibbs_machines(SPIN, {"reference": Steps(exact(1.0, "derived", "one"), 0.5)}, 1)[0]
    assert core.step_s.best == 1.0 / (project_glass.N_CHAINS * project_glass.N_TIMED)  # of one chain


def test_machines_that_fail_are_left_out_and_named():
    """A p-computer whose words are too short for any coupling never gets where the others do."""
    instance = generate("ea3d", L=4, seed=1)
    goal = Goal(instance, -100.0)
    assert len(search_machines(goal, 1, None, None, (300,), 64)[0]) == 4
    mute = FabricOptions(weight=Fixed(0, 0))  # its only words are 0 and -1, which sign and magnitude lack
    machines, left_out = search_machines(goal, 1, None, mute, (300,), 64)
    assert [machine.name for machine in machines] == ["one core, Gibbs", "GPU, Gibbs", "junctions and crossbar"]
    assert len(left_out) == 1
    assert "golden" in left_out[0]


@pytest.fixture(scope="module")
def directed():
    return {one.name: one for one in autoregressive_machines(1.0, 1e-3, 1)}


def exact_states(network, beta, error):
    """Return how many states reweighting needs by the exact law: sum of p^2 / q (E - mean)^2 over error^2."""
    instance = glass_of_network()
    law, energies, logs = boltzmann_law(instance, beta), [], []
    for part in np.array_split(all_spins(20), 16):
        energies.append(instance.energies(part) / 20)
        logs.append(network.log_probabilities(part))
    energies, logs = np.concatenate(energies), np.concatenate(logs)
    mean = law @ energies
    return float((law**2 * np.exp(-logs)) @ (energies - mean) ** 2) / error**2, float(law @ (energies - mean) ** 2)


@pytest.mark.promise("codesign.projection")
@pytest.mark.slow
def test_states_of_a_network_follow_the_exact_law(directed):
    wanted, variance = exact_states(own_network("layer", 1.0), 1.0, 1e-3)
    assert directed["one core, directed"].steps.best == pytest.approx(wanted, rel=0.05)
    gibbs = directed["one core, Gibbs"]
    assert gibbs.steps.best == pytest.approx(2.0 * gibbs.tau * variance / 1e-6, rel=0.1)
    for name in ("FPGA p-computer, directed", "junctions and crossbar, directed"):
        assert 0.9 * wanted < directed[name].steps.best < 2.0 * wanted
    flawed = draw_directed(own_network("layer", 1.0), FLAWS, N_STATES, 1)
    weights = shares_of(-glass_of_network().energies(flawed.spins) - flawed.realised)
    said = f"effective share {effective_share(weights):.2f}"  # by the law of the machine, not of the network it meant
    assert said in directed["junctions and crossbar, directed"].steps.source
    assert said not in directed["one core, directed"].steps.source
    halved = Fvsbn(0.5 * own_network("layer", 1.0).weights)
    assert exact_states(halved, 1.0, 1e-3)[0] > 1.3 * wanted  # a wrong network costs states


def test_directed_states_cost_what_their_machines_say(directed):
    assert directed["FPGA p-computer, directed"].step_s.best == pytest.approx(40 / 71.4e6)  # two clocks a spin
    assert directed["one core, directed"].tau == 0.5
    joules = [directed[name].step_J.best for name in directed if "junctions" in name]
    assert joules[0] == pytest.approx(joules[1])  # a product and a flip for each of 20 spins, both ways


def test_digits_tell_what_is_read_right():
    machines = {one.name: one for one in digit_machines(1)}
    assert len(machines) == 6
    assert "0.976 of 450" in machines["mlp, one core"].note
    assert "0.991 of 450" in machines["cnn, GPU"].note
    assert machines["cnn, crossbars"].joules.best > 20 * machines["mlp, crossbars"].joules.best  # 64 windows, not one
    assert machines["mlp, one core"].seconds.best < machines["cnn, one core"].seconds.best
    # A multiplication and an addition for each weight and window: 64, 64, 16 windows and one; one each in the mlp.
    operations = {"mlp": 64 * 64 + 64 * 10, "cnn": 64 * 9 * 16 + 64 * 144 * 16 + 16 * 144 * 32 + 128 * 10}
    for name, n in operations.items():
        assert machines[f"{name}, GPU"].step_s.best == pytest.approx(2 * n * GPU_FLOP_S.best)


@pytest.mark.parametrize(
    "arguments",
    [
        ["logic", "--instance", "[adder bits=1]", "--hold", "s=1"],
        ["digits"],
        ["van", "--beta", "0.5", "--error", "0.01"],
    ],
)
def test_commands_write_promised_keys(arguments, tmp_path, capsys):
    assert run(["project", *arguments, "--out", str(tmp_path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"machine", "seconds", "joules", "assumptions"} <= set(result["rows"][0])
    assert all(row["seconds"] > 0 and row["joules"] > 0 for row in result["rows"])
    assert result["workload"] in (tmp_path / "project.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["logic", "--error", "0.1"], "logic takes --hold, --instance, --fabric, --fmax, not --error"),
        (["digits", "--beta", "1"], "digits takes no options of its own, not --beta"),
        (["nqs", "--instance", "[ring n=6]"], "not --instance"),
        (["van", "--full"], "not --full"),
        (["van", "--error", "0"], "above 0 and below 1"),
        (["max-cut", "--error", "1"], "0 or more and below 1"),
        (["logic", "--instance", "[ring n=6 J=1]"], "logic circuit"),
        (["logic", "--hold", "p=64"], "0..63"),
        (["logic", "--hold", "q=1"], "Port must be"),
        (["logic", "--hold", "p"], "PORT=NUMBER"),
        (["van", "--beta", "0.7"], "0.5, 1, 1.5"),
        (["van", "--beta", "-1"], "beta must be above 0"),
        (["weather"], "nqs, spin-glass, van, max-cut, logic, digits"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, said, capsys):
    assert run(["project", *arguments]) == 2
    text = capsys.readouterr().err
    assert said in text
    assert text.count("\n") == 1


def test_a_cut_is_the_energy_that_it_stands_for(monkeypatch):
    """The goal at an error of 0 is what annealing finds at best: not easier, and not out of reach."""
    goals = []
    monkeypatch.setattr(project_search, "search_machines", lambda goal, *rest: (goals.append(goal), ([], []))[1])
    projected("max-cut", Wish(error=0.0, instance="t2g10_5555"))
    betas = adaptive_ladder(goals[0].instance, seed=1).betas
    found = anneal(goals[0].instance, "apt", 1000, 8, 1, betas=betas).run_energies.min()
    assert goals[0].energy == pytest.approx(found, rel=1e-12)


def test_the_optimum_itself_can_be_asked_for():
    result = projected("max-cut", Wish(error=0.0, instance="[ring n=8 J=1]"))
    assert "the energy of -8" in result["workload"]
    assert len(result["rows"]) == 4


def test_every_projection_says_what_its_error_means():
    assert all(bool(one.meaning) == ("error" in one.takes) == (one.error is not None) for one in PROJECTIONS.values())
    assert all(("beta" in one.takes) == (one.beta is not None) for one in PROJECTIONS.values())
    with pytest.raises(InputError, match="Workload must be"):
        projected("weather", Wish())


@pytest.mark.parametrize(("width", "n_lines"), [(80, 5), (200, 3)])
def test_claims_fit_the_terminal(width, n_lines, monkeypatch, capsys):
    """Side by side where there is room, one below the other where columns would be a word wide; nothing is cut."""
    monkeypatch.setattr(cli_project.OUT, "_width", width)
    claim = {"claim": "memory is flat", "slides": "O(1)", "ours": "4.8 ... 56", "verdict": "contradicted: it grows"}
    cli_project._show_claims([claim | {"decided_by": f"reason {k}"} for k in range(2)])
    text = capsys.readouterr().out
    assert all(word in text for word in ("memory is flat", "O(1)", "contradicted: it grows", "reason 0", "reason 1"))
    assert len(text.splitlines()) - (width == 200) == n_lines
