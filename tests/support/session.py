"""One session that tries everything a host does, the same on every transport."""

from __future__ import annotations

from spinchip.emulator.spec.fabric.register_map import Register, plane_words
from spinchip.emulator.spec.link.frames import REQUEST_HEADER, Kind, Request, frame
from spinchip.sim.board.driver import BoardDriver
from support.bad_line import BadLine, Fault


def whole_session(transport, program, seed=0, timeout_s=60.0):
    """Find a board, load a program, read it back, run it, fetch its states, and send one damaged frame.

    Parameters
    ----------
    transport : object
        Connection to the board, as those of `spinchip.sim.board.transports`.
    program : Program
        What runs; the board must hold its design.
    seed : int
        Seed of the run.
    timeout_s : float
        Longest wait for an answer [s].

    Returns
    -------
    dict
        ``design_id`` and ``n_pbits`` of the board; ``weights`` and ``offsets``, planes as lists of int; ``states``,
        lists of spins, one for each recorded sweep; ``last``, list of spins; ``damaged``, a dict of ``answer`` in hex,
        ``register`` before and after, and ``refused``, by how much each of the link's counters of refusals rose.

    Raises
    ------
    InputError
        If the board holds another design.
    ToolError
        If a good request was not answered.
    """
    driver = BoardDriver(transport, program.spec, timeout_s)
    identity = driver.identity()
    driver.reset()
    driver.load(program)
    planes = {
        "weights": list(driver.plane(Register.WEIGHTS, plane_words(program.spec)[Register.WEIGHTS][0])),
        "offsets": list(driver.plane(Register.OFFSETS, program.spec.n_pbits)),
    }
    driver.start(program, seed)
    states = driver.collect()
    last = driver.spins()
    return {
        "design_id": f"{identity.design_id:016x}",
        "n_pbits": identity.n_pbits,
        **planes,
        "states": states.tolist(),
        "last": last.tolist(),
        "damaged": _damaged(driver),
    }


def _damaged(driver):
    """Send a write with one bit turned; return what came of it."""
    channel = driver.channel
    (before,), counted = driver.read(Register.RECORD_EVERY), driver.counters()
    request = Request(Kind.WRITE, (channel.sequence + 1) & 0xFF, Register.RECORD_EVERY, 1, (0x5A5A5A5A,))
    intact = frame(request.payload())
    damaged = bytearray(intact)
    damaged[1 + REQUEST_HEADER] ^= 0x10  # in the word, behind the first code byte: only the checksum can tell
    channel.transport.write(bytes(damaged))
    answer = channel.transport.read(0.2)
    (after,), counts = driver.read(Register.RECORD_EVERY), driver.counters()
    rises = {name: counts[name] - counted[name] for name in counts if name.startswith("link_")}
    for name in ("link_executed", "link_repeated"):
        del rises[name]
    return {"answer": answer.hex(), "register": [before, after], "refused": {k: v for k, v in rises.items() if v}}


def damaged_session(transport, program, seed=0, rate=0.01, line_seed=0):
    """Load and run a program over a line that turns bits.

    Parameters
    ----------
    transport, program, seed
        Same meaning as in `whole_session`.
    rate : float
        Chance that a write or a read has a wrong bit.
    line_seed : int
        Seed of the faults; the same seed gives the same faults.

    Returns
    -------
    dict
        ``states`` as lists of spins; ``turned``, bits that went wrong; ``repeated``, answers that the board gave again.

    Raises
    ------
    ToolError
        If a request was not answered intact in 11 attempts.
    """
    line = BadLine(transport, rate, line_seed, [Fault.FLIP])
    driver = BoardDriver(line, program.spec, timeout_s=60.0, retries=10)
    driver.reset()
    driver.load(program)
    driver.start(program, seed)
    states = driver.collect()
    line.rate = 0.0
    repeated = driver.counters()["link_repeated"]
    return {"states": states.tolist(), "turned": line.happened[Fault.FLIP], "repeated": repeated}
