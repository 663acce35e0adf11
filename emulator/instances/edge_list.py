"""What a reader or a generator hands over: an edge list, before it has a name and a provenance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..spec.instance import IsingInstance


@dataclass
class EdgeList:
    """Pairs of spins with their couplings J, and biases h.

    Parameters
    ----------
    n_spins : int
        Number of spins.
    edges : ndarray, shape (m, 2), int64
        Each pair once, in any order.
    values : ndarray, shape (m,), float64
        Coupling J of each pair.
    biases : ndarray, shape (n_spins,), float64, optional
        Biases h; zeros if absent.
    notes : dict
        What a reader of the provenance should know beyond file or arguments; must suit JSON.
    offset, labels
        Constant of the energy and names of the spins; see `IsingInstance`.
    """

    n_spins: int
    edges: np.ndarray
    values: np.ndarray
    biases: np.ndarray | None = None
    notes: dict = field(default_factory=dict)
    offset: float = 0.0
    labels: tuple | None = None

    @classmethod
    def from_sums(cls, n_spins, edges, values, biases=None, notes=None, **more):
        """Build from pairs i < j that may come several times; their couplings add up.

        Pairs that cancel stay out. Arguments as in the class, ``offset`` and ``labels`` by name.
        """
        keys = np.asarray(edges, dtype=np.int64).reshape(-1, 2) @ np.array([n_spins, 1])
        pairs, where = np.unique(keys, return_inverse=True)
        sums = np.bincount(where, weights=values, minlength=len(pairs))
        kept = sums != 0
        edges = np.stack(np.divmod(pairs[kept], n_spins), axis=1)
        return cls(n_spins, edges, sums[kept], biases, notes or {}, **more)

    def instance(self, name, provenance):
        """Return the instance, its notes appended to ``provenance``."""
        return IsingInstance.from_edges(
            self.n_spins,
            self.edges,
            self.values,
            self.biases,
            name=name,
            provenance={**provenance, **self.notes},
            offset=self.offset,
            labels=self.labels,
        )
