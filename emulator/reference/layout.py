"""Order of the spins in memory: free spins by colour, held ones last, so that a sweep reads and writes forwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.coloring import check_coloring, find_coloring


@dataclass(frozen=True, eq=False)
class SweepLayout:
    """An instance renumbered by rows.

    Parameters
    ----------
    order : ndarray, shape (n_spins,), int64
        Spin of each row.
    bounds : ndarray, shape (n_colors + 1,), int64
        First row of each colour; the last entry is the number of free spins.
    pointers : ndarray, shape (n_spins + 1,), int64
        Where the neighbours of each row begin.
    neighbors : ndarray, shape (2 n_couplings,), uint32
        Rows of the neighbours.
    values : ndarray, shape (2 n_couplings,), float64
        Coupling to each neighbour.
    biases : ndarray, shape (n_spins,), float64
        Biases in row order.
    edge_rows : ndarray, shape (n_couplings, 2), uint32
        Rows of both ends of each pair, in the order of ``instance.edges``.
    """

    order: np.ndarray
    bounds: np.ndarray
    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    biases: np.ndarray
    edge_rows: np.ndarray

    @property
    def n_free(self):
        """Spins that a sweep updates."""
        return int(self.bounds[-1])

    @property
    def n_spins(self):
        """Spins, held ones included."""
        return len(self.order)

    def rows_from_spins(self, spins):
        """Return spins of shape (n_chains, n_spins) as rows, shape (n_spins, n_chains)."""
        return np.ascontiguousarray(spins[:, self.order].T)

    def spins_from_rows(self, rows):
        """Return rows of shape (..., n_spins, n_chains) as spins, shape (n_chains, ..., n_spins)."""
        spins = np.empty((rows.shape[-1], *rows.shape[:-1]), dtype=rows.dtype)
        spins[..., self.order] = np.moveaxis(rows, -1, 0)
        return spins

    def in_spin_order(self, by_row):
        """Return one number per row as one number per spin."""
        by_spin = np.empty_like(by_row)
        by_spin[self.order] = by_row
        return by_spin


def sweep_layout(instance, clamps, colors=None):
    """Return the layout of an instance.

    Parameters
    ----------
    instance : IsingInstance
        Model to sample.
    clamps : ndarray, shape (n_spins,), int8
        Other than zero where a spin is held.
    colors : array_like, shape (n_spins,), int, optional
        A proper colouring; found if absent.

    Raises
    ------
    InputError
        If two coupled spins share a colour.
    """
    if colors is None:
        colors = find_coloring(instance)
    check_coloring(instance, colors)
    ranks = np.where(clamps == 0, colors, np.max(colors) + 1)
    order = np.argsort(ranks, kind="stable")
    row_of = np.empty(len(order), dtype=np.uint32)
    row_of[order] = np.arange(len(order), dtype=np.uint32)
    matrix = instance.couplings
    degrees = instance.degrees[order]
    pointers = np.concatenate([[0], np.cumsum(degrees)])
    source = np.repeat(matrix.indptr[:-1][order] - pointers[:-1], degrees) + np.arange(matrix.nnz)
    free_counts = np.bincount(ranks, minlength=np.max(colors) + 2)[:-1]
    return SweepLayout(
        order=order,
        bounds=np.concatenate([[0], np.cumsum(free_counts[free_counts > 0])]).astype(np.int64),
        pointers=pointers.astype(np.int64),
        neighbors=row_of[matrix.indices[source]],
        values=matrix.data[source],
        biases=instance.biases[order],
        edge_rows=row_of[instance.edges],
    )
