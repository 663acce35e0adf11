"""An instance as whole multiples of a unit where it can be, so that energies are added up without rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..spec.errors import SpinchipError

MAX_DYADIC = 30  # binary places that are tried
MAX_TOTAL = 2**53  # float64 holds whole numbers up to here, so that sums of units are exact


class Graph(NamedTuple):
    """What the plain kernels read.

    Parameters
    ----------
    pointers : ndarray, shape (n + 1,), int64
        Where the neighbours of each spin begin.
    neighbors : ndarray, shape (2 n_couplings,), int32
        Neighbours of each spin, one spin after the other.
    values, biases : ndarray, shapes (2 n_couplings,) and (n,), float64
        Couplings and biases in units: whole numbers, if the problem is exact.
    """

    pointers: np.ndarray
    neighbors: np.ndarray
    values: np.ndarray
    biases: np.ndarray


@dataclass(frozen=True, eq=False)
class Problem:
    """An instance and its unit.

    Parameters
    ----------
    instance : IsingInstance
        The original, against which every answer is verified.
    graph : Graph
        Couplings and biases in units.
    unit : float
        Energy of one unit.
    exact : bool
        Couplings and biases are whole multiples of the unit; otherwise energies are rounded sums.
    """

    instance: object
    graph: Graph
    unit: float
    exact: bool

    @property
    def n_spins(self):
        """Number of spins."""
        return len(self.graph.biases)

    @property
    def at_zero_field(self):
        """Tell whether flipping all spins changes no energy."""
        return not self.graph.biases.any()

    def verified_energies(self, spins, claimed):
        """Return the energies of states from the original instance.

        Parameters
        ----------
        spins : ndarray, shape (k, n), int8
            States -1/+1, one a row.
        claimed : ndarray, shape (k,), int64 or float64
            Energies in units, without the offset, that a kernel kept while it flipped spins.

        Returns
        -------
        ndarray, shape (k,), float64

        Raises
        ------
        SpinchipError
            If a claim is wrong: beyond rounding, an error of this program.
        """
        energies = self.instance.energies(spins)
        scale = np.abs(self.instance.edge_values).sum() + np.abs(self.instance.biases).sum()
        claims = self.energies_of(claimed)
        rounding = 4 * np.spacing(abs(self.instance.offset)) if self.instance.offset else 0.0
        wrong = np.abs(energies - claims) > 1e-9 * scale + rounding
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            right, claim = float(energies[first]), float(claims[first])
            raise SpinchipError(f"Energy of answer {first} must be {right!r}, not {claim!r}")
        return energies

    def energies_of(self, units):
        """Return the energies, offset included, of what the kernels counted in units; ndarray, float64."""
        return self.instance.with_offset(np.asarray(units) * self.unit)


def make_problem(instance):
    """Return the `Problem` of an instance."""
    couplings = instance.couplings
    sizes = np.unique(np.abs(np.concatenate([couplings.data, instance.biases, [0.0]])))[1:]
    unit = _unit(sizes, np.abs(instance.edge_values).sum() + np.abs(instance.biases).sum())
    scale = 1.0 if unit is None else unit
    values, biases = couplings.data / scale, instance.biases / scale
    if unit is not None:
        values, biases = np.rint(values), np.rint(biases)
    graph = Graph(
        couplings.indptr.astype(np.int64),
        couplings.indices.astype(np.int32),
        values,
        biases,
    )
    return Problem(instance, graph, scale, unit is not None)


def _unit(sizes, total):
    """Return the largest binary unit of which all sizes are whole multiples, or None."""
    if not len(sizes):
        return 1.0
    for places in range(MAX_DYADIC + 1):
        multiples = sizes * 2.0**places
        if np.all(multiples == np.rint(multiples)):
            if total * 2.0**places > MAX_TOTAL:
                return None
            return float(np.gcd.reduce(multiples.astype(np.int64)) / 2.0**places)
    return None
