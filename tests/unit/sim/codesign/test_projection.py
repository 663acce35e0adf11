"""Projections: ranges multiply, rows follow from steps, times and energies, and claims are judged by their ranges."""

import json
from types import SimpleNamespace

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run
from spinchip.sim.codesign.projections.claims import claim_rows, headline, verdict
from spinchip.sim.codesign.projections.estimate import KINDS, Estimate, exact, joined, spread
from spinchip.sim.codesign.projections.glass import glass_machines
from spinchip.sim.codesign.projections.machines import BOARD, Machine, product_energy, tiles_of
from spinchip.sim.codesign.projections.network import measure_network, network_machines


def test_products_sums_and_ratios_keep_the_whole_range_and_the_least_sure_kind():
    a, b = Estimate(1.0, 2.0, 4.0, "measured", "a"), Estimate(3.0, 5.0, 6.0, "assumed", "b")
    for made, ends in ((a * b, (3.0, 10.0, 24.0)), (a + b, (4.0, 7.0, 10.0)), (b.over(a), (0.75, 2.5, 6.0))):
        assert (made.low, made.best, made.high) == ends
        assert made.kind == "assumed"
        assert set(made.source.split("; ")) == {"a", "b"}
    assert (a * 2.0).best == 4.0
    assert joined("a; b", "b; c", "") == "a; b; c"
    assert KINDS.index("measured") < KINDS.index("cited") < KINDS.index("assumed")
    assert spread(10.0, 0.05, "simulated", "s").low == pytest.approx(9.0)
    assert spread(10.0, 3.0, "simulated", "s").low == pytest.approx(1.0)


def test_impossible_figures_are_refused():
    for ends in ((2.0, 1.0, 3.0), (-1.0, 1.0, 2.0), (1.0, 2.0, float("inf"))):
        with pytest.raises(InputError):
            Estimate(*ends, "measured", "x")
    with pytest.raises(InputError, match="Kind"):
        exact(1.0, "guessed", "x")
    with pytest.raises(InputError, match="power or energy"):
        Machine("none", exact(1.0, "measured", ""), exact(1.0, "measured", ""), 1.0)


def test_a_row_is_steps_times_step():
    steps, step_s = exact(1000.0, "simulated", "tau"), exact(2e-6, "measured", "clock")
    row = Machine("m", steps, step_s, 3.0, watts=Estimate(5.0, 10.0, 20.0, "assumed", "watts")).row()
    assert row["seconds"] == pytest.approx(2e-3)
    assert row["joules"] == pytest.approx(2e-2)
    assert row["joules_range"] == pytest.approx([1e-2, 4e-2])
    assert row["joules_of_independent_sample"] == pytest.approx(2 * 3.0 * 2e-5)
    assert row["kinds"] == {"steps": "simulated", "seconds": "simulated", "joules": "assumed"}
    assert "watts" in row["assumptions"]


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((2.0, 3.0, 4.0), "reproduced"),
        ((0.5, 3.0, 4.0), "in part"),
        ((20.0, 30.0, 40.0), "contradicted: more"),
        ((0.1, 0.2, 0.3), "contradicted: less"),
    ],
)
def test_verdicts_follow_ranges(ends, said):
    assert verdict(Estimate(*ends, "measured", ""), 1.0, 10.0) == said


def test_tiles_and_their_energy():
    assert (tiles_of(256, 256), tiles_of(257, 256), tiles_of(484, 968)) == (1, 2, 8)
    assert product_energy(8).best == pytest.approx(8 * product_energy(1).best)


@pytest.fixture(scope="module")
def network():
    return measure_network(16, 1)


@pytest.mark.promise("codesign.projection")
def test_network_machines_follow_what_was_measured(network):
    machines = {machine.name: machine for machine in network_machines(network, 1e-3)}
    memory = network.memory
    core = machines["one core, Metropolis"]
    wanted = 2.0 * memory.tau_attempts * (memory.spread / 1e-3) ** 2 * network.attempt_s
    assert core.seconds.best == pytest.approx(wanted)
    finer = network_machines(network, 1e-4)[0]
    assert finer.joules.best == pytest.approx(100 * core.joules.best)
    fpga = machines["FPGA p-computer"]
    assert fpga.step_s.best == pytest.approx((48 + 2) / 71.4e6)  # one clock a p-bit and one wait a layer
    assert network_machines(network, 1e-3, 142.8e6)[3].seconds.best == pytest.approx(0.5 * fpga.seconds.best)
    assert fpga.watts is BOARD


@pytest.mark.promise("codesign.projection")
def test_claims_are_contradicted_where_figures_leave_them(network):
    """With memory that grows tenfold, the flat claim falls; with the same memory it stands."""
    machines = network_machines(network, 1e-3)
    flat = claim_rows([network, network], machines, {16: (300.0, 40.0)})
    assert flat[0]["verdict"] == "reproduced"
    grown = SimpleNamespace(**{key: getattr(network.memory, key) for key in ("tau_kept", "tau_sweeps")})
    grown.tau_kept, grown.tau_sweeps, grown.steps = 10 * grown.tau_kept, 10 * grown.tau_sweeps, network.memory.steps
    larger = SimpleNamespace(n_sites=484, memory=grown, attempt_s=network.attempt_s)
    rows = claim_rows([network, larger], machines, {16: (300.0, 40.0)})
    assert [row["verdict"] for row in rows[:3]] == ["contradicted: it grows"] * 2 + ["contradicted: longer"]
    assert all(set(row) == {"claim", "slides", "ours", "verdict", "decided_by"} for row in rows)
    assert headline(rows).endswith(f"of {len(rows)} claims of the source slides")
    with pytest.raises(InputError, match="16, 36, 64, 100, 484, not 17"):
        measure_network(17, 1)


@pytest.mark.promise("codesign.projection")
def test_glass_machines_use_their_own_dynamics():
    machines = {one.name: one for one in glass_machines(resolve("[ea3d L=4 seed=1]"), 0.5, 1e-2, 1)}
    assert set(machines) == {"one core, Gibbs", "GPU, Gibbs", "FPGA p-computer", "junctions and crossbar"}
    for name, sampler in (
        ("one core, Gibbs", "reference"),
        ("FPGA p-computer", "golden"),
        ("junctions and crossbar", "smtj"),
    ):
        assert f"sweeps on {sampler}" in machines[name].row()["assumptions"]
    ratios = [machines[name].tau / machines["one core, Gibbs"].tau for name in machines]
    assert max(ratios) < 1.5  # all of them are Gibbs samplers of the same model
    assert min(ratios) > 0.67


@pytest.mark.promise("codesign.projection")
def test_command_prints_promised_keys_and_refuses_bad_input(tmp_path, capsys):
    assert (
        run(
            ["project", "spin-glass", "--instance", "[ring n=8 J=1]", "--beta", "0.5", "--out", str(tmp_path), "--json"]
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert {"machine", "seconds", "joules", "assumptions"} <= set(result["rows"][0])
    assert "| FPGA p-computer |" in (tmp_path / "project.md").read_text()
    assert json.loads((tmp_path / "project.json").read_text())["rows"] == result["rows"]
    for arguments in (["weather"], ["nqs", "--error", "0"], ["nqs", "--fmax", "-1"]):
        assert run(["project", *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
