"""A whole simulated board: the RTL from pin to pin, compiled, with bytes at the other end of its wires."""

from __future__ import annotations

import ctypes

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.random_source import RandomKind
from ...rtl.board.top import Board
from ..cosim.cxxrtl import library

DIVISOR = 4  # clocks per bit: the fewest that the receiver takes, hence the fastest link for the work
SLICE = 20_000  # clocks between two looks at the host
_ROOM = 65_536
_SIGNATURES = {
    "board_new": (ctypes.c_void_p, []),
    "board_free": (None, [ctypes.c_void_p]),
    "board_send": (None, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
    "board_run": (ctypes.c_uint64, [ctypes.c_void_p, ctypes.c_uint64]),
    "board_idle": (ctypes.c_int, [ctypes.c_void_p]),
    "board_bad_stop": (ctypes.c_int, [ctypes.c_void_p]),
    "board_take": (ctypes.c_size_t, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
}


class CompiledBoard:
    """One board, fresh from power-up.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    divisor : int
        Clocks per bit of the link.
    folder : path, optional
        Where compiled designs are kept; the user's cache folder if absent.

    Raises
    ------
    InputError
        If the random source is external: nothing here would feed it.
    ToolError
        If the design cannot be compiled.
    """

    def __init__(self, spec, divisor=DIVISOR, folder=None):
        if spec.random.kind is RandomKind.EXTERNAL:
            raise InputError("Random source of a simulated board must be internal, not external")
        defines = (f"DIVISOR={divisor}", f"FIFO_DEPTH={spec.fifo_depth}")
        path = library(lambda: Board(spec, divisor), f"board-{spec.design_id:016x}", "board_shell.cc", folder, defines)
        self._library = ctypes.CDLL(str(path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        self._new()
        self._room = ctypes.create_string_buffer(_ROOM)
        self.divisor = divisor

    def _new(self):
        self._board = self._library.board_new()
        self.clocks = 0

    def close(self):
        """Free the board."""
        self._library.board_free(self._board)
        self._board = None

    def power_cycle(self):
        """Forget everything, bytes on the wires included."""
        self.close()
        self._new()

    @property
    def idle(self):
        """Whether nothing happens until the host sends something."""
        return bool(self._library.board_idle(self._board))

    @property
    def broken_line(self):
        """Whether any stop bit of the board was ever wrong."""
        return bool(self._library.board_bad_stop(self._board))

    def send(self, data):
        """Put bytes on the board's receive line, after those that wait."""
        self._library.board_send(self._board, data, len(data))

    def run(self, n_clocks=SLICE):
        """Let at most so many clocks pass, fewer if a frame ends or nothing is left to do; return received bytes."""
        self.clocks += self._library.board_run(self._board, n_clocks)
        count = self._library.board_take(self._board, self._room, _ROOM)
        return self._room.raw[:count]


class CompiledTransport:
    """Transport to a `CompiledBoard` in this process: it answers, or falls idle and never will.

    Parameters
    ----------
    board : CompiledBoard
        The board.
    name : str
        Name of the board in error messages.
    """

    def __init__(self, board, name="simulated board"):
        self.board = board
        self.name = name

    def write(self, data):
        """Send bytes."""
        self.board.send(data)

    def read(self, timeout_s):
        """Return what comes next; nothing once the board is idle. A machine that sweeps is left to sweep a slice."""
        return self.board.run() or self.board.run()

    def reopen(self):
        """Throw away what waited."""
        self.board.run(0)

    def close(self):
        """Do nothing: the board stays powered."""
