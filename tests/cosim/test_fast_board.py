"""The simulated board: its RTL behind UART and link equals golden, its server sleeps when idle and ends cleanly."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import SPINS_BASE
from spinchip.emulator.spec.link.frames import MAX_WORDS, Kind
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.board.compiled_board import CompiledBoard, CompiledTransport
from spinchip.sim.board.driver import BoardDriver
from spinchip.sim.board.pty_board import PtyBoard
from spinchip.sim.samplers.by_name import backend

pytestmark = pytest.mark.compiler

RING = "[ring n=6 J=1 h=0.3]"
BETA = 0.5


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def board(cache):
    board = CompiledBoard(fabric_for(resolve(RING)), folder=cache)
    yield board
    board.close()


@pytest.fixture
def port(board):
    """Serve the board in a thread and give its port."""
    with PtyBoard(board) as server:
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server.port
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.promise("board.serve")
def test_states_through_the_wires_equal_golden(board):
    # Every second of 60 sweeps is kept, more than the FIFO holds: the machine stalls until the link fetches.
    program = GoldenSampler().program(resolve(RING), Schedule.constant(BETA, 60), Recording(after=4, every=2))
    driver = BoardDriver(CompiledTransport(board), program.spec, timeout_s=30)
    driver.load(program)
    driver.start(program, seed=9, chain=2)
    expected = GoldenSampler().sample(resolve(RING), Schedule.constant(BETA, 60), 3, 9, Recording(after=4, every=2))
    assert np.array_equal(driver.collect(), expected.spins[2])
    assert np.array_equal(driver.spins(), expected.final_spins[2])
    assert not np.array_equal(expected.spins[2], expected.spins[1])
    assert not board.broken_line
    assert board.run(10**6) == b""
    assert board.idle  # and by itself so: the clocks asked for were not all taken
    assert board.clocks < 10**6


@pytest.mark.promise("board.throughput")
def test_bulk_reads_fill_the_wire(board):
    # In clocks of the board, so exactly repeatable; four clocks a bit leave the link the least time between bytes.
    driver = BoardDriver(CompiledTransport(board), timeout_s=30)
    before = board.clocks
    for _ in range(20):
        driver.channel.ask(Kind.READ, SPINS_BASE, MAX_WORDS)
    spent = board.clocks - before
    assert 20 * MAX_WORDS * 4 * 10 * board.divisor >= 0.7 * spent
    before = board.clocks
    driver.read(SPINS_BASE)
    assert 4 * 10 * board.divisor < 0.3 * (board.clocks - before)  # a single word does not


def test_power_cycle_forgets_the_session(board):
    driver = BoardDriver(CompiledTransport(board), timeout_s=5, retries=1)
    driver.freeze()
    board.power_cycle()
    with pytest.raises(ToolError, match=r"^simulated board gave no answer to READ"):
        driver.status()
    driver.connect()
    assert driver.status() == 0


@pytest.mark.promise("board.serve")
def test_backend_at_a_port_equals_golden(port):
    schedule, clamps = Schedule(((0.2, 9), (1.5, 8))), np.array([0, 0, 1, 0, -1, 0])
    initial = np.random.default_rng(3).choice([-1, 1], (2, 6))
    run = {"n_chains": 2, "seed": 4, "initial": initial, "clamps": clamps}
    found = backend(f"board:{port}").sample(resolve(RING), schedule, **run)
    expected = GoldenSampler().sample(resolve(RING), schedule, **run)
    for part in ("spins", "final_spins", "energies"):
        assert np.array_equal(getattr(found, part), getattr(expected, part)), part
    assert found.ledger.events["updates"] == expected.ledger.events["updates"]


def test_another_design_is_refused(port):
    with pytest.raises(
        InputError, match=r"must hold design \w{16} \(7 p-bits\), not \w{16} \(6 p-bits\); name the instance"
    ):
        backend(f"board:{port}").sample(resolve("[ring n=7 J=1]"), Schedule.constant(BETA, 5))


def test_external_source_is_refused(cache):
    spec = fabric_for(resolve(RING), FabricOptions(random=RandomSpec(RandomKind.EXTERNAL)))
    with pytest.raises(InputError, match=r"^Random source of a simulated board must be internal, not external$"):
        CompiledBoard(spec, folder=cache)


@pytest.mark.promise("board.serve")
def test_server_sleeps_and_ends_cleanly(cache, board):
    command = [sys.executable, "-c", "from spinchip.sim.cli.app import main; main()", "board", "serve", "--pty", RING]
    environment = os.environ | {"SPINCHIP_CACHE": str(cache)}
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, env=environment, text=True) as server:
        found = json.loads(server.stdout.readline())
        assert found["n_pbits"] == 6
        sampler = backend(f"board:{found['port']}")
        assert sampler.sample(resolve(RING), Schedule.constant(BETA, 5)).spins.shape == (1, 5, 6)
        before = processor_seconds(server.pid)
        time.sleep(1.0)
        assert (
            processor_seconds(server.pid) - before <= 0.05
        )  # five ticks of the kernel's clock, where running takes 100
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        assert server.stdout.read() == ""
    with pytest.raises((InputError, ToolError)):
        sampler.sample(resolve(RING), Schedule.constant(BETA, 5))


def processor_seconds(pid):
    """Return the processor time that a process has used [s]."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as handle:
        fields = handle.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
