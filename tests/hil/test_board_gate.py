"""The statistical gate on a board behind its port: the whole command, and a broken load that it must reject."""

import json

import pytest

from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.schedule import Schedule
from spinchip.sim.board.driver import BoardDriver
from spinchip.sim.cli.app import run

ARGUMENTS = ["verify", "[ring n=6 J=1 h=0.3]", "--beta", "0.5", "--fabric", "moment_bits=16", "--json"]
SIZE = ["--chains", "30", "--sweeps", "40"]


@pytest.mark.promise("board.backends")
@pytest.mark.compiler
def test_verify_passes_a_board_at_its_port(capsys, simulated_port):
    assert run([*ARGUMENTS, *SIZE, "--on", f"board:{simulated_port}"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["backend"], found["verdict"]) == ("board", "pass")


@pytest.mark.promise("board.backends")
@pytest.mark.compiler
@pytest.mark.slow
def test_verify_rejects_a_board_with_a_beta_too_low(capsys, simulated_port, board_instance, monkeypatch):
    """Negative control: the table of an inverse temperature 20 % too low (golden: p < 1e-15, six seeds)."""
    load = BoardDriver.load

    def load_hotter(driver, program):
        load(driver, compile_program(board_instance, program.spec, Schedule.constant(0.4, program.n_sweeps)))

    monkeypatch.setattr(BoardDriver, "load", load_hotter)
    assert run([*ARGUMENTS, *SIZE, "--on", f"board:{simulated_port}"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "fail"
