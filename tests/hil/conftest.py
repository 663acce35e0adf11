"""Boards for the hardware-in-the-loop suite: a model, a simulated one, and a real one where SPINCHIP_PORT names it."""

import os
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.board.compiled_board import CompiledBoard
from spinchip.sim.board.driver import BoardDriver
from spinchip.sim.board.pty_board import served
from spinchip.sim.board.transports import SerialTransport, golden_board

BAUD = int(os.environ.get("SPINCHIP_BAUD", "1000000"))


@dataclass
class BoardUnderTest:
    """A way to a board, and the instance and design that it holds.

    A real board must have been built for ``[ring n=6 J=1 h=0.3]`` with ``FABRIC``.
    """

    transport: object
    instance: IsingInstance
    spec: object
    timeout_s: float

    def driver(self, transport=None, retries=4):
        """Return a driver with a fresh session."""
        return BoardDriver(transport or self.transport, self.spec, self.timeout_s, retries)

    def program(self, n_sweeps, beta=0.5, **recording):
        """Return a program for a constant beta."""
        return compile_program(self.instance, self.spec, Schedule.constant(beta, n_sweeps), Recording(**recording))


INSTANCE = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], [1.0] * 6, [0.3] * 6)
FABRIC = FabricOptions(moment_bits=16)


@contextmanager
def _in_process(spec, _folder):
    """The link's model over a golden machine."""
    yield golden_board(spec), 0.2


@contextmanager
def compiled_port(spec, folder):
    """The port of compiled RTL, from pin to pin, behind a pseudo-terminal that a thread serves."""
    compiled = CompiledBoard(spec, folder=folder)
    with served(compiled) as port:
        yield port
    assert not compiled.broken_line
    compiled.close()


@contextmanager
def _simulated(spec, folder):
    """A board that does not exist."""
    with compiled_port(spec, folder) as port:
        line = SerialTransport(port)
        yield line, 0.3
        line.close()


@contextmanager
def _real(_spec, _folder):
    """The board at a port."""
    line = SerialTransport(os.environ["SPINCHIP_PORT"], BAUD)
    yield line, 1.0
    line.close()


MAKERS = {"in-process": _in_process, "simulated": _simulated, "real": _real}
BOARDS = ["in-process", pytest.param("simulated", marks=pytest.mark.compiler)]
BOARDS += ["real"] if os.environ.get("SPINCHIP_PORT") else []


@pytest.fixture(scope="session")
def compiled_folder(tmp_path_factory):
    """Return where designs are compiled, once a session."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(params=BOARDS)
def board(request, compiled_folder):
    """Return a `BoardUnderTest`; its line is closed in the end."""
    spec = fabric_for(INSTANCE, FABRIC)
    with MAKERS[request.param](spec, compiled_folder) as (transport, timeout_s):
        yield BoardUnderTest(transport, INSTANCE, spec, timeout_s)


@pytest.fixture
def simulated_port(compiled_folder):
    """Return the port of a simulated board that nobody has opened."""
    with compiled_port(fabric_for(INSTANCE, FABRIC), compiled_folder) as port:
        yield port


@pytest.fixture
def board_instance():
    """Return the instance for which the boards were built."""
    return INSTANCE
