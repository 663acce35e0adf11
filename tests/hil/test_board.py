"""Hardware in the loop: one suite for every board, simulated or real, against golden and the exact law."""

import random
import re

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.oracle.chain_law import transition_matrix
from spinchip.emulator.spec.errors import InputError, SpinchipError, ToolError
from spinchip.emulator.spec.fabric.register_map import Register, Status, Where
from spinchip.emulator.spec.fabric.sign_magnitude import sign_excess, weights_of_plane
from spinchip.emulator.spec.link.frames import Kind, LinkRegister, Request, frame
from spinchip.emulator.spec.spins import spins_from_bits
from support.bad_line import BadLine, Fault
from support.traffic import corrupted


@pytest.mark.promise("board.hil")
def test_identity_is_that_of_the_design(board):
    identity = board.driver().identity()
    assert identity.design_id == board.spec.design_id
    assert (identity.n_pbits, identity.n_edges) == (board.spec.n_pbits, len(board.spec.edges))
    assert identity.random_source == board.spec.random.kind.name.lower()


@pytest.mark.promise("board.requests")
def test_loaded_planes_read_back_and_stay(board):
    driver, program = board.driver(), board.program(20)
    driver.reset()
    driver.load(program)
    for _ in range(2):  # reading leaves them as they were
        weights = weights_of_plane(driver.plane(Register.WEIGHTS, 6), board.spec.weight.width)
        assert np.array_equal(weights, program.weights)
        offsets = _signed(driver.plane(Register.OFFSETS, 6), board.spec.offset.width)
        assert np.array_equal(offsets + sign_excess(weights, board.spec), program.offsets)


@pytest.mark.promise("board.requests", "board.driver", "board.hil")
@pytest.mark.parametrize("seed", [1, 2])
def test_spins_equal_golden_after_n_sweeps(board, seed):
    """No tolerance: last state after 1, 2, 5, 33 sweeps, and every state of a recorded run."""
    driver = board.driver()
    driver.reset()
    for n_sweeps in (1, 2, 5, 33):
        program = board.program(n_sweeps)
        golden = run_chains(program, seed)
        driver.load(program)
        driver.start(program, seed)
        states = driver.collect()
        assert np.array_equal(states, golden.spins[0])
        assert np.array_equal(driver.spins(), spins_from_bits(golden.final_bits[0]))
        assert not np.array_equal(states, run_chains(program, seed + 10).spins[0]) or n_sweeps < 5  # can fail


@pytest.mark.promise("board.requests")
def test_run_goes_on_from_where_it_was(board):
    """Two runs of 7 and 8 sweeps are one of 15."""
    driver, program = board.driver(), board.program(7)
    driver.reset()
    driver.load(program)
    driver.start(program, 4)
    first = driver.collect()
    driver.run(8)
    both = np.concatenate([first, driver.collect()])
    assert np.array_equal(both, run_chains(board.program(15), 4).spins[0])


@pytest.mark.promise("board.requests")
def test_moments_equal_the_recorded_states(board):
    driver, program = board.driver(), board.program(200, after=20, every=3)
    driver.reset()
    driver.load(program, Where.FIFO | Where.MOMENTS)
    driver.start(program, 6)
    spins = driver.collect().astype(float)
    for _ in range(2):
        moments = driver.moments()
        assert moments["count"] == len(spins) == 60
        assert np.allclose(moments["spin_means"], spins.mean(axis=0), 0, 1e-12)
        edges = np.array(board.spec.edges)
        assert np.allclose(
            moments["edge_means"], (spins[:, edges[:, 0]] * spins[:, edges[:, 1]]).mean(axis=0), 0, 1e-12
        )


@pytest.mark.promise("board.hil")
def test_states_follow_the_exact_law(board):
    """The mean of every spin against the chain's own stationary law, and against that of a wrong beta.

    States are ``every`` sweeps apart; the chain's second eigenvalue bounds what correlation is left, and their number
    follows from the difference that must be seen, 8 standard errors.
    """
    every = 8
    single = board.program(1)
    mean, mean_wrong = _stationary_mean(single), _stationary_mean(board.program(1, beta=0.3))
    rho = np.sort(np.abs(np.linalg.eigvals(_matrix(single))))[-2] ** every
    spread = np.sqrt((1 - mean**2) * (1 + rho) / (1 - rho))
    n_states = int(np.ceil(np.max(8 * spread / np.abs(mean - mean_wrong)) ** 2))
    program = board.program(every * n_states, every=every)
    driver = board.driver()
    driver.reset()
    driver.load(program)
    driver.start(program, 3)
    states = driver.collect()
    assert len(states) == n_states
    assert np.all(np.abs(states.mean(axis=0) - mean) < 4 * spread / np.sqrt(n_states))
    assert np.all(np.abs(states.mean(axis=0) - mean_wrong) > 4 * spread / np.sqrt(n_states))


@pytest.mark.promise("board.faults")
def test_every_flipped_bit_is_refused_and_counted(board):
    """Each bit of a frame in turn: no answer, nothing written, one refusal; the driver then goes on."""
    driver = board.driver()
    channel = driver.channel
    driver.reset()
    driver.write([(Register.RECORD_EVERY, 5)])
    before = driver.counters()
    intact = frame(Request(Kind.WRITE, (channel.sequence + 1) & 0xFF, Register.RECORD_EVERY, 1, (6,)).payload())
    n_flips = 8 * (len(intact) - 1)
    for k in range(n_flips):
        damaged = bytearray(intact)
        damaged[k // 8] ^= 1 << k % 8
        board.transport.write(bytes(damaged))
    assert board.transport.read(board.timeout_s) == b""
    after = driver.counters()
    assert driver.read(Register.RECORD_EVERY) == (5,)
    causes = ("link_framing", "link_length", "link_crc", "link_kind", "link_order", "link_overrun")
    n_refused = sum(after[cause] - before[cause] for cause in causes)
    n_cut_in_two = sum(1 for k in range(n_flips) if intact[k // 8] == 1 << k % 8)  # the flip makes a delimiter
    assert n_flips - n_cut_in_two <= n_refused <= n_flips + n_cut_in_two
    assert n_refused > 90


@pytest.mark.promise("board.faults")
def test_a_thousand_corrupted_frames_do_nothing(board):
    """Damaged writes to a register between good readings of it; nothing is written and no answer is wrong."""
    driver, rng, n_bad = board.driver(), random.Random(7), 0
    driver.reset()
    driver.write([(Register.RECORD_AFTER, 0x5A5A)])
    while n_bad < 1000:
        sequence = (driver.channel.sequence + 1) & 0xFF
        request = Request(Kind.WRITE, sequence, Register.RECORD_AFTER, 1, (rng.getrandbits(32),))
        intact = frame(request.payload())
        for _ in range(25):
            bad = corrupted(rng, intact)
            if intact[:-1] not in bad.split(b"\0"):  # else noise began or ended with a zero and left the frame whole
                board.transport.write(bad)
                n_bad += 1
        assert driver.read(Register.RECORD_AFTER) == (0x5A5A,)
    assert driver.counters()["refused"] == 0


@pytest.mark.promise("board.faults")
@pytest.mark.parametrize("fault", list(Fault))
def test_bad_line_gives_the_right_reading_or_none(board, fault):
    """With every tenth transfer damaged: states equal golden, or the error says why there are none."""
    program, outcomes = board.program(40), []
    golden = run_chains(program, 8)
    for seed in range(2):
        line = BadLine(board.transport, 0.1, seed, [fault])
        try:
            driver = board.driver(line, retries=6)
            driver.reset()
            driver.load(program)
            driver.start(program, 8)
            states, last = driver.collect(), driver.spins()
        except ToolError as error:
            outcomes.append(str(error))
            continue
        assert np.array_equal(states, golden.spins[0])
        assert np.array_equal(last, spins_from_bits(golden.final_bits[0]))
        assert line.happened[fault] > 0
        outcomes.append("")
    assert "" in outcomes, f"every run failed: {outcomes}"
    assert not any("\n" in text for text in outcomes)


def test_silent_line_ends_in_an_error_that_names_it(board):
    driver = board.driver()
    line = BadLine(board.transport, 1.0, faults=[Fault.DROP])
    driver.channel.transport = line
    with pytest.raises(ToolError, match=r"gave no answer to READ in 5 attempts: cable, baud rate, power cycle"):
        driver.spins()
    driver.channel.transport = board.transport
    with pytest.raises(ToolError, match=r"^Session with .* is over; connect again and load the program anew$"):
        driver.spins()  # a session that broke gives no reading at all
    driver.connect()
    assert driver.spins().shape == (6,)


def test_another_host_ends_the_session(board):
    """A driver whose board was told otherwise by another gets an error, not the other's registers."""
    first = board.driver(retries=1)
    second = board.driver()
    second.channel.connect()
    for _ in range(3):
        second.status()
    # Numbers have 8 bits: one in 128 sessions would meet the next one, or the last, which is what no number can tell.
    while (second.channel.sequence - first.channel.sequence) % 256 in (0, 1):
        second.status()
    with pytest.raises(ToolError, match="another program on the port"):
        first.spins()


@pytest.mark.promise("board.faults")
def test_reset_in_mid_run_stops_and_the_next_run_is_golden(board):
    driver, program = board.driver(), board.program(500_000)
    driver.reset()
    driver.load(program)
    driver.start(program, 2)
    taken = 0
    while not taken:
        assert driver.status() & Status.BUSY
        taken = len(driver.snapshots())
    driver.reset()
    assert not driver.status()
    assert len(driver.snapshots()) == 0
    short = board.program(12)
    driver.load(short)
    driver.start(short, 2)
    assert np.array_equal(driver.collect(), run_chains(short, 2).spins[0])


@pytest.mark.promise("board.requests")
def test_frozen_machine_holds_and_goes_on(board):
    driver, program = board.driver(), board.program(30)
    driver.reset()
    driver.load(program)
    driver.freeze()
    driver.start(program, 9)
    held = driver.spins()
    assert np.array_equal(driver.spins(), held)
    with pytest.raises(ToolError, match="^Schedule must end within 1 s, not wait: machine is "):
        driver.wait(1)
    driver.freeze(False)
    assert np.array_equal(driver.collect(), run_chains(program, 9).spins[0])


def test_busy_machine_refuses_a_program_and_its_planes(board):
    driver, program = board.driver(), board.program(500_000)
    driver.reset()
    driver.load(program)
    driver.start(program, 2)
    with pytest.raises(ToolError, match=r"^Machine must be idle to be written to, not busy: \d+ writes refused"):
        driver.load(board.program(3))
    with pytest.raises(ToolError, match=r"^Plane SEEDS must be read while the machine is idle; wait or reset first$"):
        driver.plane(Register.SEEDS, board.spec.n_generators)
    driver.reset()


def test_plane_of_unknown_order_is_not_read(board):
    with pytest.raises(InputError, match=r"^Plane MOMENTS must be filled in this session before it is read"):
        board.driver().moments()


def test_another_design_is_refused(board):
    """Both by the driver that expects it and by a program that was made for it."""
    other = board.program(5).spec.__class__(**{**vars_of(board.spec), "n_pages": 8})
    board.spec, own = other, board.spec
    expected = f"must hold design {other.design_id:016x} (6 p-bits), not {own.design_id:016x} (6 p-bits)"
    with pytest.raises(InputError, match=f"{re.escape(expected)}; name the instance and --fabric"):
        board.driver()
    program = board.program(5)
    board.spec = own
    with pytest.raises(InputError, match="^Program must be for the board's design "):
        board.driver().load(program)


@pytest.mark.promise("board.requests")
def test_counters_count(board):
    driver = board.driver()
    first, second = driver.counters(), driver.counters()
    n_requests = 6  # five machine counters and all of the link's
    assert (second["link_executed"] - first["link_executed"]) % 2**16 == n_requests
    assert driver.read(LinkRegister.VERSION) == (0x10000,)


def test_any_error_of_a_driver_is_one_line(board):
    errors = []
    for seed in range(10):
        try:
            board.driver(BadLine(board.transport, 0.6, seed), retries=0).counters()
        except SpinchipError as error:
            errors.append(str(error))
    assert errors
    assert not any("\n" in text for text in errors)


def vars_of(spec):
    """Return the fields of a design."""
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


def _signed(words, width):
    return [((word ^ (1 << width - 1)) & ((1 << width) - 1)) - (1 << width - 1) for word in words]


def _matrix(program):
    matrix = transition_matrix(program)
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def _stationary_mean(program):
    """Return the mean of each spin under the chain's own law, by the power method."""
    matrix = _matrix(program)
    law = np.full(len(matrix), 1 / len(matrix))
    column = np.allclose(matrix.sum(axis=0), 1)
    for _ in range(500):
        law = matrix @ law if column else law @ matrix
    states = np.arange(len(law))
    return np.array([np.dot(law, 2 * (states >> i & 1) - 1) for i in range(program.spec.n_pbits)])
