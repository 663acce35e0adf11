"""Write-verify as it runs on a chip: pulse, let the cell relax, read with noise, until the read is in the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...spec.errors import InputError


@dataclass(frozen=True)
class WriteVerify:
    r"""Closed loop on each cell until its noisy read is within the window around the target.

    A pulse moves a cell by ``gain`` of what the last read says is missing, and scatters by ``pulse_S``; the cell then
    relaxes by ``relax_S`` and is read with ``read_S``, all normal. What remains is a truncated error: without read
    noise it never leaves the window, with it the floor is the noise of the read that was accepted.

    Parameters
    ----------
    window_S, window_share : float
        Half width of the accepted window: ``window_S + window_share * target`` [S] and [1].
    gain : float
        Share of the missing conductance that a pulse corrects [1].
    pulse_S, relax_S, read_S : float
        Standard deviation of one pulse, of one relaxation and of one read [S].
    max_pulses : int
        After so many pulses a cell is left as it is.
    start_S : float
        Conductance before the first pulse [S].
    """

    window_S: float
    window_share: float
    gain: float
    pulse_S: float
    relax_S: float
    read_S: float
    max_pulses: int = 100
    start_S: float = 0.0

    def __post_init__(self):
        for name in ("window_S", "window_share", "pulse_S", "relax_S", "read_S", "start_S"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0, not {getattr(self, name)!r}")
        if not self.window_S + self.window_share > 0:
            raise InputError("window_S or window_share must be above 0, not 0 and 0")
        if not 0 < self.gain < 2:
            raise InputError(f"gain must be above 0 and below 2, where the loop converges, not {self.gain!r}")
        if not (isinstance(self.max_pulses, int) and self.max_pulses >= 1):
            raise InputError(f"max_pulses must be an integer of at least 1, not {self.max_pulses!r}")

    def write(self, target_S, rng):
        """Return the written conductance [S]; pulses of each cell and whether it was verified."""
        goal_S = target_S.ravel()
        window_S = self.window_S + self.window_share * goal_S
        found_S = np.full(goal_S.shape, self.start_S)
        read_S = found_S.copy()
        n_pulses = np.zeros(goal_S.shape, dtype=np.int64)
        open_cells = np.arange(goal_S.size)
        for _ in range(self.max_pulses):
            pulse, relax, read = rng.standard_normal((3, open_cells.size))
            found_S[open_cells] += self.gain * (goal_S - read_S)[open_cells]
            found_S[open_cells] = np.maximum(found_S[open_cells] + self.pulse_S * pulse + self.relax_S * relax, 0.0)
            read_S[open_cells] = found_S[open_cells] + self.read_S * read
            n_pulses[open_cells] += 1
            open_cells = open_cells[np.abs(read_S - goal_S)[open_cells] > window_S[open_cells]]
            if not open_cells.size:
                break
        verified = np.ones(goal_S.shape, dtype=bool)
        verified[open_cells] = False
        shape = target_S.shape
        return found_S.reshape(shape), {"n_pulses": n_pulses.reshape(shape), "verified": verified.reshape(shape)}
