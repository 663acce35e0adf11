"""What a driver says of a port that is no board, of another version, and of a cable that is pulled out."""

import os
import re
import threading
import tty

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.machine import Machine
from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.golden.link.engine import LinkEngine, MachineBus
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.register_map import Register
from spinchip.emulator.spec.link.frames import Kind
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.board.driver import BoardDriver, grouped
from spinchip.sim.board.transports import EngineTransport, SerialTransport, golden_board

RING = resolve("[ring n=6 J=1 h=0.3]")
SPEC = fabric_for(RING, FabricOptions(moment_bits=4))


@pytest.fixture
def terminal():
    """Return the near end and the port of a pseudo-terminal."""
    near, far = os.openpty()
    tty.setraw(near)
    tty.setraw(far)
    ends = {near, far}

    def pull():
        for end in ends:
            os.close(end)
        ends.clear()

    yield near, os.ttyname(far), pull
    pull()


@pytest.mark.promise("board.bad-input")
def test_port_that_is_absent_is_named():
    with pytest.raises(InputError, match=r"^Port must be there, not '/dev/ttyNONE9'; list ports with: python -m "):
        SerialTransport("/dev/ttyNONE9")


def test_port_that_is_no_device_is_named(tmp_path):
    (tmp_path / "file").write_text("no port")
    with pytest.raises(ToolError, match=r"^Port .*file could not be opened: "):
        SerialTransport(str(tmp_path / "file"))


@pytest.mark.promise("board.bad-input")
def test_busy_port_is_named(terminal):
    first = SerialTransport(terminal[1])
    with pytest.raises(ToolError, match=rf"^Port {terminal[1]} is busy: another program holds it"):
        SerialTransport(terminal[1])
    first.close()
    SerialTransport(terminal[1]).close()


@pytest.mark.promise("board.bad-input")
def test_silent_port_is_no_board(terminal):
    line = SerialTransport(terminal[1])
    expected = rf"^{terminal[1]} must be a spinchip board \(right port\? right baud rate\?\): no answer$"
    with pytest.raises(ToolError, match=expected):
        BoardDriver(line, timeout_s=0.02, retries=1)
    line.close()


def test_port_that_talks_nonsense_is_no_board(terminal):
    near, port, _pull = terminal
    line = SerialTransport(port)
    stop = threading.Event()

    def echo_case_flipped():
        while not stop.is_set():
            os.write(near, bytes(byte ^ 0x20 for byte in os.read(near, 100)) + b"\0")

    thread = threading.Thread(target=echo_case_flipped)
    thread.start()
    with pytest.raises(
        ToolError, match=r"must be a spinchip board \(right port\? right baud rate\?\): damaged answers$"
    ):
        BoardDriver(line, timeout_s=1.0, retries=1)
    stop.set()
    line.write(b"x")
    thread.join()
    line.close()


@pytest.mark.promise("board.driver")
def test_pulled_cable_is_named(terminal):
    line = SerialTransport(terminal[1])
    terminal[2]()
    with pytest.raises(ToolError, match=rf"^Port {terminal[1]} is gone: .*; plug the board in again$"):
        line.read(0.1)
    line.close()


@pytest.mark.promise("board.driver", "board.faults")
def test_cable_that_comes_back_goes_on():
    """A board that stayed powered answers the request that was under way, and does it once."""
    board = golden_board(SPEC)
    driver, read, pulls = BoardDriver(board, SPEC), board.read, []

    def pulled_once(timeout_s):
        if not pulls:
            pulls.append(board.engine.counters.copy())
            raise ToolError("Port x is gone: pulled; plug the board in again")
        return read(timeout_s)

    driver.write([(Register.TABLE_ADDRESS, 7)])
    board.read = pulled_once
    driver.write([(Register.TABLE_DATA, 1)] * 3)
    assert driver.read(Register.TABLE_ADDRESS) == (10,)  # three steps, not six
    assert len(pulls) == 1


@pytest.mark.promise("board.driver", "board.bad-input")
@pytest.mark.parametrize("version", [0x0002_0000, 0])
def test_other_link_version_is_refused(monkeypatch, version):
    monkeypatch.setattr("spinchip.emulator.golden.link.engine.LINK_VERSION", version)
    expected = f"in-process board must speak link version 1.x, not {version >> 16}.0"
    with pytest.raises(InputError, match=f"^{expected}$"):
        BoardDriver(golden_board(SPEC), SPEC)


@pytest.mark.promise("board.bad-input")
@pytest.mark.parametrize(
    ("register", "word", "error", "text"),
    [
        (Register.MAGIC, 0x12345678, ToolError, "must hold a spinchip design, not magic word 0x12345678"),
        (Register.VERSION, 0x0003_0002, InputError, "must hold a design of version 2.x, not 3.2; build it anew"),
    ],
)
def test_other_design_version_is_refused(register, word, error, text):
    machine = Machine(SPEC)
    machine._identity = {**machine._identity, register: word}
    line = EngineTransport(LinkEngine(MachineBus(machine), 1))
    with pytest.raises(error, match=f"^in-process board {re.escape(text)}$"):
        BoardDriver(line)


@pytest.mark.promise("board.faults")
def test_power_cycle_in_mid_run_gives_an_error_and_no_reading():
    program = compile_program(RING, SPEC, Schedule.constant(0.5, 400), Recording())
    board = golden_board(SPEC)
    driver = BoardDriver(board, SPEC, timeout_s=0.1, retries=1)
    driver.load(program)
    driver.start(program, 1)
    while not len(driver.snapshots()):
        assert driver.status()
    board.engine = LinkEngine(MachineBus(Machine(SPEC)), 1)
    for call in (driver.collect, driver.spins, driver.moments, driver.counters, driver.snapshots):
        with pytest.raises((ToolError, InputError), match=r"power cycle|is over; connect again"):
            call()
    driver.connect()
    with pytest.raises(InputError, match="^Plane MOMENTS must be filled in this session"):
        driver.moments()
    driver.load(program)
    driver.start(program, 1)
    assert np.array_equal(driver.collect(), run_chains(program, 1).spins[0])


def test_moments_that_wrapped_are_no_reading():
    program = compile_program(RING, SPEC, Schedule.constant(0.5, 16), Recording())
    driver = BoardDriver(golden_board(SPEC), SPEC)
    driver.load(program, 3)
    driver.start(program, 1)
    driver.collect()
    with pytest.raises(InputError, match=r"^Recorded states must be 1..15 for 4-bit moments, not 16$"):
        driver.moments()


def test_wide_states_come_in_parts():
    """A state of 62 words does not fit one frame."""
    wide = resolve("[ring n=1984 J=1 h=0.1]")
    spec = fabric_for(wide)
    program = compile_program(wide, spec, Schedule.constant(0.4, 3))
    driver = BoardDriver(golden_board(spec), spec)
    driver.load(program)
    driver.start(program, 5)
    assert np.array_equal(driver.collect(), run_chains(program, 5).spins[0])


def test_grouped_writes_are_the_writes():
    rng = np.random.default_rng(1)
    writes = [(int(a), int(d)) for a, d in zip(rng.integers(0, 3, 3000), rng.integers(0, 2**32, 3000), strict=True)]
    writes += [(7, k) for k in range(200)] + [(k, k) for k in range(200)]
    found, n_frames = [], 0
    for kind, address, words in grouped(writes):
        assert 1 <= len(words) <= 61
        found += [(address + k * (kind is Kind.WRITE), word) for k, word in enumerate(words)]
        n_frames += 1
    assert found == writes
    assert n_frames < 3000 / 1.4
