"""`spinchip workload`: rows with the promised keys, an exit status that follows them, names that exist."""

import importlib
import json

import pytest

from spinchip.sim.cli.app import run
from spinchip.sim.cli.workload import WORKLOADS


def test_rows_have_the_promised_keys(capsys):
    assert run(["workload", "dipolar-gas", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["name"] == "dipolar-gas"
    assert result["seconds"] > 0
    assert len(result["rows"]) > 10
    assert all({"quantity", "value", "se", "reference", "source", "ok"} == set(row) for row in result["rows"])


def test_figure_that_is_off_is_status_1_and_is_marked(capsys, monkeypatch):
    wrong = {"quantity": "q", "value": 2.0, "se": 0.1, "reference": 1.0, "source": "s", "ok": False}
    module = importlib.import_module("spinchip.models.dipolar_gas.workload")
    monkeypatch.setattr(module, "workload_rows", lambda full, seed: [wrong])
    assert run(["workload", "dipolar-gas"]) == 1
    assert "NO" in capsys.readouterr().out


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_name_has_its_module(name):
    assert callable(importlib.import_module(f"spinchip.models.{WORKLOADS[name]}").workload_rows)


def test_unknown_name_is_refused_with_the_list(capsys):
    assert run(["workload", "nosuch"]) == 2
    assert capsys.readouterr().err == f"spinchip: Workload must be one of {', '.join(WORKLOADS)}, not 'nosuch'\n"
