"""The host driver inside the simulation: whole sessions over the UART of the gateware under Icarus, against golden."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.sign_magnitude import sign_excess, weights_of_plane
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.spec.spins import spins_from_bits
from spinchip.sim.board.icarus_board import build_board, run_link_bench
from spinchip.sim.board.transports import golden_board
from support.session import damaged_session, whole_session

pytestmark = pytest.mark.icarus

RING = resolve("[ring n=6 J=1]")
SMALL = FabricOptions(n_pages=2, n_segments=2, fifo_depth=4)
SPEC = fabric_for(RING, SMALL)
PROGRAM = compile_program(RING, SPEC, Schedule.constant(0.5, 30))  # more states than the FIFO holds


@pytest.fixture(scope="module")
def simulation(tmp_path_factory):
    return build_board(SPEC, tmp_path_factory.mktemp("link"))


@pytest.mark.promise("board.driver")
@pytest.mark.parametrize("skew", [0.0, 0.02, -0.02])
def test_whole_session_through_the_wires(simulation, skew):
    """Identity, planes, states and what comes of a damaged frame, also for hosts whose bits are longer and shorter."""
    report = run_link_bench(simulation, whole_session, {"program": PROGRAM, "seed": 3}, skew=skew)
    found, golden = report["found"], run_chains(PROGRAM, 3)
    assert (found["design_id"], found["n_pbits"]) == (f"{SPEC.design_id:016x}", 6)
    weights = weights_of_plane(found["weights"], SPEC.weight.width)
    assert np.array_equal(weights, PROGRAM.weights)
    width = SPEC.offset.width
    offsets = [((word ^ 1 << width - 1) & (1 << width) - 1) - (1 << width - 1) for word in found["offsets"]]
    assert np.array_equal(np.array(offsets) + sign_excess(weights, SPEC), PROGRAM.offsets)
    assert np.array_equal(found["states"], golden.spins[0])
    assert np.array_equal(found["last"], spins_from_bits(golden.final_bits[0]))
    assert not np.array_equal(found["states"], run_chains(PROGRAM, 4).spins[0])  # can fail
    assert found["damaged"] == {"answer": "", "register": [1, 1], "refused": {"link_crc": 1}}
    assert found == whole_session(golden_board(SPEC), PROGRAM, 3)
    assert report["clocks"] > 40 * max(report["bytes"].values()) > 20_000  # ten bits of four clocks a byte


@pytest.mark.promise("board.driver")
def test_turned_bits_are_sent_again(simulation):
    """Every hundredth transfer has a wrong bit; golden's states come back, since requests are repeated."""
    arguments = {"program": PROGRAM, "seed": 5, "rate": 0.01, "line_seed": 2}
    found = run_link_bench(simulation, damaged_session, arguments)["found"]
    assert np.array_equal(found["states"], run_chains(PROGRAM, 5).spins[0])
    assert found["turned"] >= 3
    assert found["repeated"] >= 1


def test_another_baud_rate_is_no_board(simulation):
    expected = r"board under Icarus must be a spinchip board \(right port\? right baud rate\?\): (no|damaged) answers?"
    with pytest.raises(ToolError, match=expected):
        run_link_bench(simulation, whole_session, {"program": PROGRAM}, skew=0.3)


@pytest.mark.promise("board.driver")
def test_another_design_is_refused_in_the_bench(simulation):
    other = fabric_for(resolve("[ring n=7 J=1]"), SMALL)
    program = compile_program(resolve("[ring n=7 J=1]"), other, Schedule.constant(0.5, 5))
    with pytest.raises(ToolError, match=r"board under Icarus must hold design \w{16} \(7 p-bits\), not \w{16} \(6 p-b"):
        run_link_bench(simulation, whole_session, {"program": program})


def test_session_notices_a_board_without_checksum(monkeypatch):
    """Negative control of the damaged frame: a link that takes every checksum as good has gone on without its host."""
    monkeypatch.setattr("spinchip.emulator.golden.link.engine.crc16", lambda _data: 0)
    with pytest.raises(ToolError, match="^in-process board gave no answer to READ in 5 attempts: "):
        whole_session(golden_board(SPEC), PROGRAM)


def test_external_source_is_refused_under_icarus(tmp_path):
    spec = fabric_for(RING, FabricOptions(random=RandomSpec(RandomKind.EXTERNAL)))
    with pytest.raises(InputError, match="^Random source of a simulated board must be internal, not external$"):
        build_board(spec, tmp_path)
