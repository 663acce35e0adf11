"""The largest models that this package handles."""

from __future__ import annotations

from .errors import InputError

MAX_SPINS = 50_000_000  # guards against a stray index; 50e6 spins of degree 6 need 4 GB as an instance
MAX_COUPLINGS = 50_000_000


def check_size(n_spins, n_couplings):
    """Refuse a model that is empty or larger than this package handles."""
    if not 1 <= n_spins <= MAX_SPINS:
        raise InputError(f"Number of spins must be in 1..{MAX_SPINS}, not {n_spins}")
    if n_couplings > MAX_COUPLINGS:
        raise InputError(f"Number of couplings must be at most {MAX_COUPLINGS}, not {n_couplings}")
