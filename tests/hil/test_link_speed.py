"""How much of the wire bulk reads use, counted in clocks of the compiled board: no wall time is asserted."""

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.register_map import SPINS_BASE
from spinchip.emulator.spec.link.frames import MAX_WORDS, WORD_BYTES, Kind
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.board.compiled_board import CompiledBoard, CompiledTransport
from spinchip.sim.board.driver import BoardDriver

pytestmark = pytest.mark.compiler
SHARE = 0.7  # of the wire's bytes, 10 bits each, that are words of the answer
RING = resolve("[ring n=6 J=1 h=0.3]")


@pytest.fixture(scope="module")
def board(compiled_folder):
    """Return a compiled board; its four clocks a bit are the worst case, for the link's own work is in clocks."""
    board = CompiledBoard(fabric_for(RING, FabricOptions(moment_bits=16)), folder=compiled_folder)
    yield board
    board.close()


def share_of_wire(board, n_words, before):
    """Return which part of the clocks since ``before`` the words alone would need."""
    return n_words * WORD_BYTES * 10 * board.divisor / (board.clocks - before)


def test_bulk_reads_fill_the_wire(board):
    driver = BoardDriver(CompiledTransport(board), timeout_s=30)
    before = board.clocks
    driver.read(SPINS_BASE, 20 * MAX_WORDS)
    assert SHARE < share_of_wire(board, 20 * MAX_WORDS, before) <= 1
    before = board.clocks
    for _ in range(20):  # the control: one word a request
        driver.read(SPINS_BASE)
    assert share_of_wire(board, 20, before) < SHARE


def test_single_words_of_snapshots_fill_half_of_the_wire(board):
    """A FIFO of 16 states of one word bounds the burst: 64 bytes in 73, after a request of 10."""
    spec = fabric_for(RING, FabricOptions(moment_bits=16))
    program = compile_program(RING, spec, Schedule.constant(0.5, 16), Recording())
    driver = BoardDriver(CompiledTransport(board), timeout_s=30)
    driver.load(program)
    driver.start(program)
    driver.wait()
    before = board.clocks
    reply = driver.channel.ask(Kind.SNAPSHOTS, 0, MAX_WORDS)
    assert reply.count == 16
    assert share_of_wire(board, 16, before) > 0.5
