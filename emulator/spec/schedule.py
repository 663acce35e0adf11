"""What a sampler runs: inverse temperatures, sweeps, and which states are kept."""

from __future__ import annotations

import numbers
from dataclasses import dataclass

import numpy as np

from .errors import InputError


@dataclass(frozen=True)
class Schedule:
    """A list of segments, each ``(beta, n_sweeps)``, run in order.

    >>> Schedule.constant(0.5, 100).n_sweeps
    100
    >>> Schedule.linear(0.1, 0.3, 30, n_steps=3).segments
    ((0.1, 10), (0.2, 10), (0.3, 10))
    """

    segments: tuple[tuple[float, int], ...]

    def __post_init__(self):
        if not self.segments:
            raise InputError("Schedule must have at least one segment, not none")
        for beta, n_sweeps in self.segments:
            if not (np.isfinite(beta) and beta >= 0):
                raise InputError(f"Inverse temperature must be finite and 0 or more, not {beta!r}")
            is_whole = isinstance(n_sweeps, numbers.Real) and n_sweeps % 1 == 0
            if not is_whole or not 1 <= n_sweeps < 2**32:
                raise InputError(f"Sweeps of a segment must be a whole number in 1..2^32-1, not {n_sweeps!r}")

    @classmethod
    def constant(cls, beta, n_sweeps):
        """Return one segment."""
        try:
            one = float(beta) if np.ndim(beta) == 0 else None
        except (TypeError, ValueError):
            one = None
        if one is None:
            raise InputError(f"Inverse temperature must be one number (several: a Schedule), not {beta!r:.60}")
        # A fraction of a sweep is left as it is, and refused by the check of segments.
        is_whole = isinstance(n_sweeps, numbers.Real) and n_sweeps % 1 == 0
        return cls(((one, int(n_sweeps) if is_whole else n_sweeps),))

    @classmethod
    def linear(cls, beta_first, beta_last, n_sweeps, n_steps=20):
        """Return ``n_steps`` equally spaced betas that share ``n_sweeps`` as evenly as whole numbers allow."""
        if not 1 <= n_steps <= n_sweeps:
            raise InputError(f"Steps of a linear schedule must be in 1..{n_sweeps} (its sweeps), not {n_steps}")
        return cls.through(np.round(np.linspace(beta_first, beta_last, n_steps), 12), n_sweeps)

    @classmethod
    def through(cls, betas, n_sweeps, n_steps=None):
        """Return betas that share ``n_sweeps`` as evenly as whole numbers allow.

        At most ``n_steps`` of them, and never more than sweeps: the first, the last and evenly spaced ones between.

        >>> Schedule.through((0.1, 0.2, 0.5, 0.9), 10, 2).segments
        ((0.1, 5), (0.9, 5))
        """
        n = min(len(betas), n_sweeps, n_steps or len(betas))
        chosen = [betas[k] for k in np.linspace(0, len(betas) - 1, n).round().astype(int)]
        ends = np.round(np.linspace(0, n_sweeps, n + 1)).astype(int)
        return cls(tuple((float(b), int(e - s)) for b, s, e in zip(chosen, ends, ends[1:], strict=False)))

    @property
    def n_sweeps(self):
        """Sweeps of all segments together."""
        return sum(n_sweeps for _, n_sweeps in self.segments)

    @property
    def betas(self):
        """Distinct inverse temperatures in order of first use."""
        return tuple(dict.fromkeys(beta for beta, _ in self.segments))

    def beta_of_sweep(self):
        """Return the beta of every sweep; ndarray, shape (n_sweeps,), float64."""
        betas, counts = zip(*self.segments, strict=True)
        return np.repeat(np.array(betas), counts)


def check_schedule(schedule):
    """Refuse anything but a `Schedule`: a bare beta, say, which does not tell for how many sweeps."""
    if not isinstance(schedule, Schedule):
        raise InputError(f"Schedule must be a Schedule, as Schedule.constant(0.5, 1000), not {schedule!r:.60}")


@dataclass(frozen=True)
class Recording:
    """Which sweeps are kept: every ``every``-th after the first ``after``.

    Parameters
    ----------
    after : int
        Sweeps that are run and not kept (burn-in).
    every : int
        Sweeps per kept state; 1 keeps all.
    spins : bool
        Keep the states themselves; otherwise only energies, magnetisations and moments.
    """

    after: int = 0
    every: int = 1
    spins: bool = True

    def __post_init__(self):
        is_whole = all(isinstance(one, numbers.Real) and one % 1 == 0 for one in (self.after, self.every))
        if not is_whole or self.after < 0 or self.every < 1:
            raise InputError(f"Recording must have after >= 0 and every >= 1, not {self.after} and {self.every}")

    def n_samples(self, n_sweeps):
        """Return how many states a run of ``n_sweeps`` keeps.

        >>> Recording(after=10, every=4).n_samples(30)
        5
        """
        return max(0, (n_sweeps - self.after) // self.every)
