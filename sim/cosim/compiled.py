"""Compiled RTL of a fabric: clock by clock, or playing scripts at full speed."""

from __future__ import annotations

import ctypes

import numpy as np

from ...emulator.spec.errors import InputError, ToolError
from ...emulator.spec.fabric.random_source import RandomKind
from ...emulator.spec.fabric.register_map import FIFO_BASE, Register
from ...rtl.fabric.dense_computer import computer_for
from .cxxrtl import library

SLICE = 1_000_000  # clocks between two looks at signals and the watchdog
RUNNING, PLAYED, MALFORMED = range(3)
_WORDS = ctypes.POINTER(ctypes.c_uint32)
_SIGNATURES = {
    "machine_new": (ctypes.c_void_p, []),
    "machine_free": (None, [ctypes.c_void_p]),
    "machine_tick": (None, [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32]),
    "machine_entropy": (None, [ctypes.c_void_p, ctypes.c_char_p]),
    "machine_register": (ctypes.c_size_t, [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(_WORDS)]),
    "machine_start": (None, [ctypes.c_void_p, ctypes.c_char_p]),
    "machine_play": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint64]),
    "machine_words": (ctypes.c_size_t, [ctypes.c_void_p, ctypes.POINTER(_WORDS)]),
}


def build(spec, folder=None):
    """Return the shared library of a fabric, compiled if it is not kept yet; see `cxxrtl.library`."""
    defines = [f"FIFO_WORDS={-(-spec.n_pbits // 32)}", f"FIFO_BASE={FIFO_BASE}", f"FIFO_POP={int(Register.FIFO_POP)}"]
    if spec.random.kind is RandomKind.EXTERNAL:
        defines.append(f"WITH_ENTROPY={spec.n_slots * spec.compare_bits}")
    return library(lambda: computer_for(spec), f"{spec.design_id:016x}", "compiled_shell.cc", folder, tuple(defines))


class CompiledMachine:
    """One machine in a compiled design, fresh from reset; a context manager.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    folder : path, optional
        Where compiled designs are kept.

    Raises
    ------
    ToolError
        If the design cannot be compiled.
    """

    def __init__(self, spec, folder=None):
        self._library = ctypes.CDLL(str(build(spec, folder)))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        self._entropy_bytes = 4 * -(-spec.n_slots * spec.compare_bits // 32)
        self._machine = self._library.machine_new()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.machine_free(self._machine)
        self._machine = None

    def tick(self, address, write, data, entropy=None):
        """Pass one clock with these values on the pins; ``entropy`` only with an external random source."""
        if entropy is not None:
            self._library.machine_entropy(self._machine, entropy.to_bytes(self._entropy_bytes, "little"))
        self._library.machine_tick(self._machine, address, write, data)

    def register(self, path):
        """Return a view of a register, current after every clock; ndarray, uint32, least significant word first.

        Parameters
        ----------
        path : str
            Path below the top, such as ``sequencer.phase``.
        """
        words = _WORDS()
        count = self._library.machine_register(self._machine, path.encode(), ctypes.byref(words))
        if not count:
            raise InputError(f"Register must be one of the compiled design, not {path!r}")
        return np.ctypeslib.as_array(words, (count,))

    def play(self, script, watchdog_clocks):
        """Play a script and return the words that it read.

        Parameters
        ----------
        script : Script
            Bus operations of the host.
        watchdog_clocks : int
            The run fails after so many clocks.

        Returns
        -------
        ndarray, shape (n_words,), uint32

        Raises
        ------
        ToolError
            If the watchdog barked, or the script is malformed.
        """
        self._library.machine_start(self._machine, script.text().encode())
        state = RUNNING
        for spent in range(0, watchdog_clocks, SLICE):
            state = self._library.machine_play(self._machine, min(SLICE, watchdog_clocks - spent))
            if state != RUNNING:
                break
        if state == RUNNING:
            raise ToolError(f"Compiled RTL was still busy after {watchdog_clocks} clocks")
        if state == MALFORMED:
            raise ToolError("Script must have lines of three hex numbers")
        words = _WORDS()
        count = self._library.machine_words(self._machine, ctypes.byref(words))
        return np.ctypeslib.as_array(words, (count,)).copy() if count else np.zeros(0, dtype=np.uint32)
