"""Relaxation of RRAM with heavy tails: most cells creep, a few jump."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from ...spec.errors import InputError

MAD_TO_SIGMA = 1.4826  # robust sigma of the notes: 1.4826 times the median absolute deviation


@lru_cache(maxsize=1024)
def two_components(robust, std, tail_share):
    r"""Return core and tail spread of the centred normal mixture with that robust sigma and that standard deviation.

    .. math:: (1-p)\,[2\Phi(m/c)-1] + p\,[2\Phi(m/d)-1] = 1/2, \qquad (1-p)\,c^2 + p\,d^2 = \mathrm{std}^2

    with m = robust / 1.4826, core c and tail d.

    Parameters
    ----------
    robust, std : float
        1.4826 times the median absolute deviation, and the standard deviation, in one unit.
    tail_share : float
        p, the share of cells in the tail.

    Raises
    ------
    InputError
        If no mixture with that share has those two numbers.
    """
    median = robust / MAD_TO_SIGMA

    def tail(core):
        return np.sqrt((std**2 - (1 - tail_share) * core**2) / tail_share)

    def excess(core):
        inside = (1 - tail_share) * (2 * ndtr(median / core) - 1)
        return inside + tail_share * (2 * ndtr(median / tail(core)) - 1) - 0.5

    low, high = 1e-3 * robust, std * (1 - 1e-12)  # at core = std both components are one
    if not excess(high) < 0 < excess(low):
        raise InputError(f"std must be above the robust sigma {robust!r}, for tails, not {std!r}")
    core = brentq(excess, low, high, xtol=1e-12 * robust, rtol=1e-12)
    return core, float(tail(core))


@dataclass(frozen=True)
class HeavyTailRelaxation:
    r"""Displacement since the first read after programming, with a spread from two kinds of cells.

    .. math:: \Delta G(t) = m(t) + \xi\, [\,d(t) \text{ for a cell of the tail, else } c(t)\,]

    Each cell keeps its kind and its xi, so it moves on one path. Core c and tail d are solved from the two published
    spreads at each time; in between they are linear in ln t, and linear in conductance between the bands. The median
    shift m is known at the last time only; it grows linearly in ln t from zero at the first.

    Parameters
    ----------
    times_s : tuple of float
        Published times, rising [s].
    bands_S : tuple of float
        Centres of the published bands of conductance, rising [S]; beyond them the nearest band counts.
    robust_S, std_S : tuple of tuple of float, one row a band, one column a time
        1.4826 MAD and standard deviation of the displacement [S].
    last_shift_S : tuple of float, one a band
        Median displacement at the last time [S].
    tail_share : float
        Share of cells in the tail [1].
    """

    times_s: tuple[float, ...]
    bands_S: tuple[float, ...]
    robust_S: tuple[tuple[float, ...], ...]
    std_S: tuple[tuple[float, ...], ...]
    last_shift_S: tuple[float, ...]
    tail_share: float

    def __post_init__(self):
        if len(self.times_s) < 2 or list(self.times_s) != sorted(set(self.times_s)) or not self.times_s[0] > 0:
            raise InputError(f"times_s must be two or more rising numbers above 0, not {self.times_s!r}")
        if not self.bands_S or list(self.bands_S) != sorted(set(self.bands_S)):
            raise InputError(f"bands_S must be rising numbers, not {self.bands_S!r}")
        if not 0 < self.tail_share < 0.5:
            raise InputError(f"tail_share must be above 0 and below 0.5, not {self.tail_share!r}")
        if len(self.last_shift_S) != len(self.bands_S):
            raise InputError(f"last_shift_S must be {len(self.bands_S)} numbers, one a band, not {self.last_shift_S!r}")
        for name in ("robust_S", "std_S"):
            table = getattr(self, name)
            if [len(row) for row in table] != [len(self.times_s)] * len(self.bands_S):
                rule = f"{len(self.bands_S)} rows of {len(self.times_s)} numbers"
                raise InputError(f"{name} must be {rule}, not {table!r}")
        self.components_S()

    @property
    def window_s(self):
        """Earliest and latest published time [s]."""
        return self.times_s[0], self.times_s[-1]

    def components_S(self):
        """Return core and tail spread, each an ndarray of shape (n_bands, n_times) [S]."""
        rows = zip(self.robust_S, self.std_S, strict=True)
        pairs = [[two_components(r, s, self.tail_share) for r, s in zip(*row, strict=True)] for row in rows]
        return np.moveaxis(np.array(pairs), -1, 0)

    def displacement_S(self, target_S, drawn, t_s):
        """Return the displacement of each cell from its first read at ``t_s`` [S]."""
        log_times = np.log(self.times_s)
        core_S, tail_S = ([np.interp(np.log(t_s), log_times, row) for row in part] for part in self.components_S())
        grown = (np.log(t_s) - log_times[0]) / (log_times[-1] - log_times[0])
        spread_S = np.where(
            drawn["in_tail"], np.interp(target_S, self.bands_S, tail_S), np.interp(target_S, self.bands_S, core_S)
        )
        return grown * np.interp(target_S, self.bands_S, self.last_shift_S) + spread_S * drawn["xi"]

    def begin(self, target_S, written_S, rng, t0_s):
        """Return the conductance at ``t0_s`` [S], and target, kind and number of each cell."""
        kind = rng.random(target_S.shape) < self.tail_share
        drawn = {"aim_S": target_S, "in_tail": kind, "xi": rng.standard_normal(target_S.shape)}
        return written_S + self.displacement_S(target_S, drawn, t0_s), drawn

    def at(self, cells, t_s, t0_s):
        """Return the conductance of each cell at ``t_s`` [S], before any clip at zero; a new array."""
        aim_S = cells.drawn["aim_S"]
        moved_S = self.displacement_S(aim_S, cells.drawn, t_s) - self.displacement_S(aim_S, cells.drawn, t0_s)
        return cells.programmed_S + moved_S
