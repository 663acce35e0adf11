"""A recorded session replays everywhere; a host that says something else is told so.

The file was recorded on the compiled RTL with ``record``; run it again after a change of the register map or the link.
"""

from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.schedule import Schedule
from spinchip.sim.board.driver import BoardDriver
from spinchip.sim.board.transports import golden_board
from support.recorded import RecordingTransport, ReplayTransport, counted_nonces

FILE = Path(__file__).with_name("fixtures") / "ring_of_six.jsonl"
INSTANCE = resolve("[ring n=6 J=1 h=0.3]")
SPEC = fabric_for(INSTANCE, FabricOptions())
PROGRAM = compile_program(INSTANCE, SPEC, Schedule.constant(0.5, 25))


def session(transport, seed=3):
    """Run the program on a board; return its states and its last one."""
    with BoardDriver(transport, SPEC, timeout_s=30, nonce=counted_nonces()) as driver:
        driver.reset()
        driver.load(PROGRAM)
        driver.start(PROGRAM, seed)
        return driver.collect(), driver.spins()


def record(transport, path=FILE):
    """Record the session."""
    return session(RecordingTransport(transport, path))


@pytest.mark.promise("board.hil")
def test_recorded_states_equal_golden():
    replay = ReplayTransport(FILE)
    states, last = session(replay)
    golden = run_chains(PROGRAM, 3)
    assert np.array_equal(states, golden.spins[0])
    assert np.array_equal(last, 2 * golden.final_bits[0].astype(np.int8) - 1)
    assert replay.at_end


def test_other_words_of_the_host_are_refused():
    with pytest.raises(
        ToolError, match="recording ring_of_six.jsonl must go on with '[0-9a-f]+' of host, not '[0-9a-f]+' of"
    ):
        session(ReplayTransport(FILE), seed=4)


def test_recording_replays(tmp_path):
    path = tmp_path / "session.jsonl"
    states, last = record(golden_board(SPEC), path)
    again, last_again = session(ReplayTransport(path))
    assert np.array_equal(states, again)
    assert np.array_equal(last, last_again)


def test_line_that_is_no_record_is_named(tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"host": "00"}\n{"host": "zz"}\n')
    with pytest.raises(
        InputError, match=r"broken.jsonl, line 2: record must be \{who: hex\}, not '\{\"host\": \"zz\"\}'$"
    ):
        ReplayTransport(path)
