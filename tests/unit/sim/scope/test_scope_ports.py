"""Ports of the scope: numbers are held and read as a circuit's own functions do, and readings follow the exact law."""

import json
import subprocess
import sys
import urllib.request
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.errors import InputError
from spinchip.models.logic.circuits import circuit
from spinchip.sim.cli.app import app_for
from spinchip.sim.samplers.by_name import backend
from spinchip.sim.scope.live import LiveSampler
from spinchip.sim.scope.ports import MAX_BITS, Ports

ADDER = circuit("adder", bits=2)


def test_held_numbers_are_those_of_the_circuit():
    ports, clamps = Ports(ADDER.instance), np.zeros(ADDER.instance.n_spins, np.int8)
    ports.hold(clamps, "s", 2)
    ports.hold(clamps, "cout", 1)
    np.testing.assert_array_equal(clamps, ADDER.clamps(s=2, cout=1))
    assert ports.held(clamps) == {"s": 2, "cout": 1}
    ports.hold(clamps, "s", None)
    np.testing.assert_array_equal(clamps, ADDER.clamps(cout=1))


def test_readings_are_numbers_and_right_where_the_arithmetic_is():
    """Of every state of the adder once: shares of readings are exact, and right ones are those whose sum is right."""
    states = all_spins(ADDER.instance.n_spins)
    ports = Ports(ADDER.instance)
    shown = ports.seen(states, ADDER.instance.energies(states))
    assert shown["numbers"] == {name: int(ADDER.read(states[-1], name)) for name in ADDER.wires}
    assert all(share == pytest.approx(2 / 512, abs=1e-5) for _, share, _ in shown["readings"])  # a carry is in no port
    for row in ports._visits:
        numbers = dict(zip(ADDER.wires, row, strict=True))
        assert (row in ports._right) == (
            numbers["a"] + numbers["b"] + numbers["cin"] == numbers["s"] + 4 * numbers["cout"]
        )


def test_what_is_forgotten_counts_no_more():
    states = all_spins(ADDER.instance.n_spins)
    ports, few = Ports(ADDER.instance), states[5:6]
    ports.seen(states, ADDER.instance.energies(states))
    ports.forget()
    numbers = [int(ADDER.read(few[0], name)) for name in ADDER.wires]
    assert [one[:2] for one in ports.seen(few, ADDER.instance.energies(few))["readings"]] == [[numbers, 1.0]]


@pytest.mark.promise("codesign.scope")
@pytest.mark.parametrize("name", ["reference", "golden", "smtj"])
def test_shares_of_readings_follow_the_exact_law(name):
    """The most visited sums for s = 2 have their exact shares; at the law of another temperature they would not."""
    live = LiveSampler(backend(name), ADDER.instance, beta=0.4, sweeps=200, seed=2)
    live.frame()
    live.change({"port": ["s", 2]})
    for _ in range(150):
        frame = live.frame()
    states = all_spins(ADDER.instance.n_spins)
    rows = np.stack([ADDER.read(states, port) for port in ADDER.wires], axis=1)

    def law_of(row, beta):
        law = boltzmann_law(ADDER.instance, beta, ADDER.clamps(s=2))
        return law[(rows == row).all(axis=1)].sum()

    error = np.sqrt(0.04 * 1.5 / 30_000)  # a share of 0.04, an integrated time of 1.5 sweeps
    for row, share, is_right in frame["readings"]:
        assert share == pytest.approx(law_of(row, 0.4), abs=5 * error)
        assert is_right == (row[0] + row[1] + row[2] == row[3] + 4 * row[4])
    row, share, _ = frame["readings"][0]
    assert abs(share - law_of(row, 0.8)) > 10 * error


def test_instances_without_names_have_no_ports():
    live = LiveSampler(backend("reference"), resolve("[sk n=8 seed=1]"))
    assert live.about()["ports"] == {}
    assert "readings" not in live.frame()
    with pytest.raises(InputError, match="names none"):
        live.change({"port": ["a", 1]})
    wide = SimpleNamespace(provenance={"wires": {"a": list(range(MAX_BITS + 1)), "b": [0]}}, n_spins=MAX_BITS + 1)
    assert Ports(wide).widths == {"b": 1}


@pytest.mark.parametrize("bad", [["z", 1], ["a", 4], ["a", -1], ["a", 1.0], ["a", True], ["a"], "a", None])
def test_bad_ports_are_refused_and_nothing_changes(bad):
    live = LiveSampler(backend("reference"), ADDER.instance)
    before = live.about()
    with pytest.raises(InputError):
        live.change({"beta": 2.0, "port": bad})
    assert live.about() == before


@pytest.mark.parametrize("text", ["p", "p=", "p=x", "p=64", "q=1"])
def test_command_refuses_bad_holds(text):
    result = CliRunner().invoke(app_for(["scope"]), ["scope", "[multiplier bits=3]", "--hold", text])
    assert result.exit_code != 0


def test_command_serves_with_a_port_held_from_the_start():
    """The whole program as a child: it prints its address, serves the page, and holds what --hold says."""
    arguments = ["scope", "[multiplier bits=3]", "--hold", "p=35", "--hold", "a=5", "--port", "0", "--json"]
    command = [sys.executable, "-c", f"from spinchip.sim.cli.app import main; main({arguments!r})"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            url = json.loads(child.stdout.readline())["url"]
            with urllib.request.urlopen(f"{url}about", timeout=10) as answer:
                assert json.load(answer)["held"] == {"p": 35, "a": 5}
        finally:
            child.terminate()
