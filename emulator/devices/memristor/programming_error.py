"""Programming error as a published spread: what write-verify leaves, without simulating it."""

from __future__ import annotations

from dataclasses import dataclass

from ...spec.errors import InputError
from .state_functions import StateFunction


@dataclass(frozen=True)
class GaussianError:
    r"""Normal error around the target, with a spread that depends on the target.

    .. math:: G = \max(0,\; G_\mathrm{target} + \mathrm{unit}\; \sigma(G_\mathrm{target} / \mathrm{scale})\, \xi)

    Parameters
    ----------
    sigma : Polynomial, ClippedLog, CappedPower or Piecewise
        Standard deviation in units of ``unit_S`` as a function of the target over ``scale_S``.
    scale_S, unit_S : float
        Conductance at which the fitted g is 1, and the unit of the fit [S]. Both belong to the fit and stay what
        they are when a card's window of conductance is narrowed.
    """

    sigma: StateFunction
    scale_S: float
    unit_S: float = 1e-6

    def __post_init__(self):
        for name in ("scale_S", "unit_S"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be above 0, not {getattr(self, name)!r}")

    def sigma_S(self, target_S):
        """Return the standard deviation of the error for each target [S]."""
        return self.unit_S * self.sigma(target_S / self.scale_S)

    def write(self, target_S, rng):
        """Return the written conductance [S], before any clip at zero, and no constants of the cells."""
        return target_S + self.sigma_S(target_S) * rng.standard_normal(target_S.shape), {}
