"""The ideal matrix backend: what all others are held against."""

from __future__ import annotations

from ..spec.matvec import checked_inputs, checked_weights
from ..spec.samples import Ledger


class IdealMatVec:
    """y = x W in float64; keeps `MatVec`.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float
        Matrix W of y = x W.
    """

    def __init__(self, weights):
        self._weights = checked_weights(weights).copy()
        self.shape, self.ledger = self._weights.shape, Ledger()

    def multiply(self, inputs, seed=0):
        """Return ``inputs @ weights``; the seed does not matter."""
        del seed
        batch, is_single = checked_inputs(inputs, self.shape[0])
        self.ledger.events["products"] = self.ledger.events.get("products", 0) + len(batch)
        result = batch @ self._weights
        return result[0] if is_single else result
