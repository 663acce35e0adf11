"""The backend of a board: whatever answers at a port draws the samples."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.fabric.register_map import Register
from ..board.driver import BoardDriver
from ..board.transports import SerialTransport
from .script_sampler import HardwareSampler


class BoardSampler(HardwareSampler):
    """Sampler protocol over a board, real or simulated.

    Parameters
    ----------
    port : str
        Serial port, or that of a simulated board.
    options : FabricOptions, optional
        With which the board's design was made; chosen from the instance where absent.
    """

    name = "board"

    def __init__(self, port, options=None):
        super().__init__(options)
        self._port = port

    def prepare(self, spec):
        """See that the board answers and holds the design."""
        with BoardDriver(SerialTransport(self._port), spec):
            return

    def run(self, program, seed, n_chains, initial_bits):
        """Run chain after chain; see `run_program` for what comes back."""
        with BoardDriver(SerialTransport(self._port), program.spec) as driver:
            driver.reset()
            driver.load(program)
            states, finals, counters = [], [], []
            for chain in range(n_chains):
                own = program if initial_bits is None else program.with_first_state(initial_bits[chain])
                driver.start(own, seed, chain)
                states.append(driver.collect())
                finals.append(driver.spins())
                counters.append(driver.read(Register.CYCLES, 2))
        return {
            "spins": np.stack(states),
            "final_spins": np.stack(finals),
            "counters": np.array(counters, dtype=np.uint64),
        }
