"""Explorations: nothing is computed twice, nothing finished is lost, whoever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.sim.cli.app import run
from spinchip.sim.codesign.design import read_design
from spinchip.sim.codesign.evaluators.kinds import check_problem, evaluate
from spinchip.sim.codesign.exploration import STORE, explore
from spinchip.sim.codesign.store import Store

EXAMPLES = Path(__file__).parents[4] / "examples" / "explore"
MODULE = '''
import os, time
from pathlib import Path

HERE = Path(__file__).parent


def cost(point, seed):
    """Note who came, and be worth a bowl."""
    with open(HERE / "log", "a") as handle:
        handle.write(f"{point['x']}\\n")
    time.sleep(point.get("wait", 0.0))
    if point["x"] == -1:
        raise ValueError("no root\\nof it")
    if point["x"] == 999 or (point["x"] == 500 and not (HERE / "died").exists()):
        (HERE / "died").touch()
        os._exit(9)
    return {"cost": (point["x"] - 7) ** 2, "size": float(point["x"]), "pid": os.getpid()}
'''


def made(folder, values, name, wait=0.0, search=""):
    """Write a design and its module, whose name no other test has, and return the design."""
    (folder / f"{name}.py").write_text(MODULE)
    text = f'[problem]\nkind = "python"\nfunction = "{name}:cost"\n[parameters]\nx = {list(values)}\nwait = [{wait}]\n'
    (folder / "d.toml").write_text(f'{text}{search}[objectives]\ncost = "min"\nsize = "min"\n')
    return read_design(folder / "d.toml")


def seen(folder):
    return Counter(int(line) for line in (folder / "log").read_text().split())


@pytest.mark.promise("codesign.explorer")
def test_the_same_point_is_never_computed_twice(tmp_path):
    first = explore(made(tmp_path, range(8), "twice_a"), tmp_path / "out", workers=1)
    assert first["computed"] == 8
    assert [first["points"][k]["point"]["x"] for k in first["pareto"]] == [7, 6, 4, 3, 2, 1, 0][:1] + [
        6,
        5,
        4,
        3,
        2,
        1,
        0,
    ]
    again = explore(made(tmp_path, range(12), "twice_a"), tmp_path / "out", workers=1)
    assert again["computed"] == 4
    assert len(again["points"]) == 12
    assert set(seen(tmp_path).values()) == {1}


def test_refused_points_are_told_and_kept(tmp_path):
    result = explore(made(tmp_path, [1, -1, 2], "refused_a"), tmp_path / "out", workers=1)
    assert [row["point"]["x"] for row in result["points"]] == [1, 2]
    assert [one["error"] for one in result["failed"]] == ["ValueError: no root"]
    assert explore(made(tmp_path, [1, -1, 2], "refused_a"), tmp_path / "out", workers=1)["computed"] == 0
    assert run(["explore", str(tmp_path / "d.toml"), "--out", str(tmp_path / "out"), "--retry", "--workers", "1"]) == 0
    assert seen(tmp_path) == {1: 1, -1: 2, 2: 1}


@pytest.mark.promise("codesign.explorer")
@pytest.mark.slow
def test_a_dead_worker_takes_nothing_with_it(tmp_path):
    """One point kills its worker once, another every time: the first is found, the second told, all others there."""
    result = explore(made(tmp_path, [*range(12), 500, 999], "killer_a"), tmp_path / "out", workers=2)
    assert sorted(row["point"]["x"] for row in result["points"]) == [*range(12), 500]
    assert [one["point"]["x"] for one in result["failed"]] == [999]
    assert "died each time" in result["failed"][0]["error"]
    assert len({row["result"]["pid"] for row in result["points"]}) > 1
    assert seen(tmp_path)[500] == 2
    assert seen(tmp_path)[999] >= 2


@pytest.mark.promise("codesign.explorer")
def test_a_killed_sweep_goes_on(tmp_path):
    """The whole program is killed at 10 or more of 60 points; what was stored is not computed again."""
    made(tmp_path, range(60), "sweep_a", wait=0.02)
    arguments = ["explore", str(tmp_path / "d.toml"), "--out", str(tmp_path / "out"), "--workers", "1"]
    command = [sys.executable, "-c", f"from spinchip.sim.cli.app import main; main({arguments!r})"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60.0
    while not ((tmp_path / "log").is_file() and len(seen(tmp_path)) >= 10):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    with Store(tmp_path / "out" / STORE) as store:
        stored = store.keys()
    assert 9 <= len(stored) < 60
    result = explore(read_design(tmp_path / "d.toml"), tmp_path / "out", workers=1)
    assert result["computed"] == 60 - len(stored)
    assert len(result["points"]) == 60
    repeated = [x for x, count in seen(tmp_path).items() if count > 1]
    assert len(repeated) <= 1  # the one that was under way


@pytest.mark.promise("codesign.cluster")
@pytest.mark.slow
def test_a_cluster_loses_no_point_when_a_worker_is_killed(tmp_path):
    distributed = pytest.importorskip("distributed")
    design = made(tmp_path, range(100, 160), "cluster_a", wait=0.05)
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster:
            victims = []

            def kill(done, asked):
                if done == 12:
                    victims.append(cluster.workers[0].pid)
                    os.kill(victims[0], signal.SIGKILL)

            result = explore(design, tmp_path / "out", scheduler=cluster.scheduler_address, on_point=kill)
    finally:
        del os.environ["PYTHONPATH"]
    assert victims
    assert sorted(row["point"]["x"] for row in result["points"]) == list(range(100, 160))
    assert not result["failed"]
    assert result["computed"] == 60
    assert {row["result"]["pid"] for row in result["points"]} - set(victims)


def test_an_absent_scheduler_is_a_missing_tool(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("spinchip.sim.codesign.runners.PATIENCE_S", 0.5)
    with pytest.raises(ToolError, match="must answer at tcp://127.0.0.1:9"):
        explore(made(tmp_path, [1], "absent_a"), tmp_path / "out", scheduler="tcp://127.0.0.1:9")


@pytest.mark.promise("codesign.explorer")
def test_a_genetic_search_finds_the_front_and_goes_on_from_its_store(tmp_path):
    pytest.importorskip("optuna")
    search = '[search]\nmethod = "nsga2"\npoints = 96\n'
    design = made(tmp_path, range(300), "bred_a", search=search)
    result = explore(design, tmp_path / "out", workers=1)
    assert result["points"][result["pareto"][0]]["result"]["cost"] <= 4.0  # of 300 values, five are so near
    assert explore(design, tmp_path / "out", workers=1)["computed"] == 0


def test_unknown_problems_and_parameters_are_refused(tmp_path):
    for problem, text in (
        ('kind = "weather"', "problem.kind must be one of sampler"),
        ('kind = "sampler"', "kind sampler must have instance"),
        ('kind = "digits"\nbeta = 1', "entries among machines, not beta"),
        ('kind = "digits"', "parameters of kind digits must be among network, weight_bits, noise, adc_bits, not x"),
        ('kind = "python"\nfunction = "nowhere:cost"', "must be MODULE:NAME beside the design"),
    ):
        (tmp_path / "p.toml").write_text(f'[problem]\n{problem}\n[parameters]\nx = [1]\n[objectives]\ncost = "min"\n')
        with pytest.raises(InputError, match=text):
            check_problem(read_design(tmp_path / "p.toml"))


@pytest.mark.promise("codesign.knee")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
@pytest.mark.slow
def test_shipped_designs_can_be_run(path):
    design = read_design(path)
    check_problem(design)
    point = {axis.name: axis.at(0.0) for axis in design.parameters}
    if design.problem.pop("luts", False):  # ten seconds of Yosys, which test_evaluators spends
        del design.objectives["luts"]
    assert set(design.objectives) <= set(evaluate(design.problem, point, 1))


@pytest.mark.promise("codesign.knee")
def test_evaluators_feel_every_flaw():
    """Worse devices and fewer bits are worse, in law, energy and accuracy; better converters cost more."""
    glass = {"kind": "sampler", "instance": "[sk n=6 seed=1]", "beta": 0.7, "machines": 2}
    good = evaluate(glass, {"adc_bits": 8}, 1)
    assert good["tv"] < 1.5 * good["tv_floor"]
    assert evaluate(glass, {"weight_bits": 2, "adc_bits": 8}, 1)["tv"] > 5 * good["tv_floor"]
    assert evaluate(glass, {"adc_bits": 2}, 1)["tv"] > 5 * good["tv_floor"]
    assert evaluate(glass, {"adc_bits": 2}, 1)["joules"] < good["joules"]
    network = {"kind": "network", "machines": 2}
    errors = [evaluate(network, {"device": name}, 1)["energy_error"] for name in ("ideal", "rram_cmo", "pcm_ibm")]
    assert errors == sorted(errors)
    computer = {"kind": "p-computer", "instance": "[sk n=6 seed=1]", "beta": 0.7}
    laws = [evaluate(computer, {"weight_bits": bits}, 1) for bits in (3, 5, 8)]
    assert [one["tv"] for one in laws] == sorted((one["tv"] for one in laws), reverse=True)
    assert laws[0]["memory_bits"] < laws[2]["memory_bits"]
    digits = {"kind": "digits", "machines": 1}
    shares = [evaluate(digits, {"weight_bits": bits}, 1)["accuracy"] for bits in (2, 6)]
    assert shares[0] < 0.9 < shares[1]


def test_command_writes_front_picture_and_promised_keys(tmp_path, capsys):
    made(tmp_path, range(8), "command_a")
    arguments = ["explore", str(tmp_path / "d.toml"), "--out", str(tmp_path / "out"), "--workers", "1"]
    assert run([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"points", "pareto", "failed"} <= result.keys()
    assert np.argmin([row["result"]["cost"] for row in result["points"]]) == result["pareto"][0]
    assert {Path(path).name for path in result["files"]} == {"explore.json", "explore.md", "explore.png"}
    assert run(arguments) == 0
    assert "0 computed now" in capsys.readouterr().out
    assert run(["explore", str(tmp_path / "none.toml")]) == 2
    assert run([*arguments[:-1], "0"]) == 2
