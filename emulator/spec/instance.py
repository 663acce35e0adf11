"""An Ising instance: sparse couplings, biases, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from .errors import InputError
from .foreign_models import parts_of_bqm, parts_of_graph
from .labels import checked_labels, checked_offset
from .matrix import bias_vector, coupling_matrix

HUGE = 1e300


@dataclass(frozen=True, eq=False)
class IsingInstance:
    r"""Couplings and biases of one Ising model.

    .. math:: E(s) = -\sum_{i<j} J_{ij} s_i s_j - \sum_i h_i s_i + c, \qquad P(s) \propto e^{-\beta E(s)}

    Parameters
    ----------
    couplings : scipy.sparse.csr_array or ndarray, shape (n, n), float64
        Symmetric matrix J with an empty diagonal; explicit zeros are kept out.
    biases : ndarray, shape (n,), float64
        Vector h.
    name : str
        Short name for tables and plots.
    provenance : dict
        Where the instance came from: file and hash, or generator and arguments.
    offset : float
        Constant c. No distribution and no search depends on it; every energy that a user sees contains it.
    labels : tuple of int or str, shape (n,), optional
        Names of the spins, in their order, no name twice; None where spins are just numbers.

    Raises
    ------
    InputError
        If the matrix is not square and symmetric, has a diagonal, or any number is not finite; if labels are not n
        different numbers and texts.
    """

    couplings: sparse.csr_array
    biases: np.ndarray
    name: str = "instance"
    provenance: dict = field(default_factory=dict)
    offset: float = 0.0
    labels: tuple | None = None

    def __post_init__(self):
        couplings = sparse.csr_array(self.couplings, dtype=np.float64)
        couplings.eliminate_zeros()
        couplings.sort_indices()
        biases = np.ascontiguousarray(self.biases, dtype=np.float64)
        object.__setattr__(self, "couplings", couplings)
        object.__setattr__(self, "biases", biases)
        n = len(biases)
        if biases.ndim != 1 or n == 0 or couplings.shape != (n, n):
            raise InputError(
                f"Couplings must be n x n and biases of length n > 0, not {couplings.shape} and {biases.shape}"
            )
        if not (np.isfinite(couplings.data).all() and np.isfinite(biases).all()):
            raise InputError("Couplings and biases must be finite, not NaN or infinite")
        if couplings.diagonal().any():
            first = int(np.flatnonzero(couplings.diagonal())[0])
            raise InputError(f"Diagonal of the couplings must be empty, not set at spin {first}")
        if (couplings != couplings.T).nnz:
            raise InputError("Couplings must be symmetric, J_ij = J_ji")
        object.__setattr__(self, "offset", checked_offset(self.offset))
        if self._is_huge and not np.isfinite(self._total):
            rule = "stay below 1.8e308, so that energies are finite"
            raise InputError(f"Sum of |J|, |h| and |offset| must {rule}, not exceed it (largest: {self._largest:g})")
        object.__setattr__(self, "labels", checked_labels(self.labels, n))

    @classmethod
    def from_edges(cls, n, edges, values, biases=None, name="instance", provenance=None, **more):
        """Build an instance from an edge list.

        Parameters
        ----------
        n : int
            Number of spins.
        edges : array_like, shape (m, 2), int
            Pairs of spins, each pair once, in any order.
        values : array_like, shape (m,), float64
            Coupling J of each pair.
        biases : array_like, shape (n,), float64, optional
            Biases h; zeros if absent.
        name, provenance
            Name and origin of the model, as in the class.
        **more
            ``offset`` and ``labels`` of the class.
        """
        edges = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
        values = np.asarray(values, dtype=np.float64)
        pairs = np.sort(edges, axis=1)
        if len(edges) and (edges.min() < 0 or edges.max() >= n):
            raise InputError(
                f"Spin index must lie in 0..{n - 1}, not {int(edges.min()) if edges.min() < 0 else int(edges.max())}"
            )
        if (pairs[:, 0] == pairs[:, 1]).any():
            raise InputError(
                f"Edge must join two spins, not spin {int(pairs[pairs[:, 0] == pairs[:, 1]][0, 0])} to itself"
            )
        keys = np.sort(pairs[:, 0] * n + pairs[:, 1])  # np.unique hashes: ten times slower at 1e7 edges
        if (keys[1:] == keys[:-1]).any():
            raise InputError("Edges must be distinct; the list holds a pair twice")
        rows, cols = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
        matrix = sparse.csr_array((np.concatenate([values, values]), (rows, cols)), shape=(n, n))
        biases = np.zeros(n) if biases is None else biases
        return cls(matrix, biases, name, dict(provenance or {}), **more)

    @classmethod
    def from_arrays(cls, J, h=None, offset=0.0, labels=None, name="instance", triangle=None):  # the field's own letters
        """Build an instance from a matrix and a vector, dense or sparse, lists or arrays of any real type.

        Parameters
        ----------
        J : array_like or sparse array, shape (n, n)
            Couplings: symmetric, with an empty diagonal. E counts each pair once, so E = -1/2 s'Js - h's + offset.
        h : array_like, shape (n,), optional
            Biases; zeros if absent.
        offset, labels, name
            Constant, labels and name of the model, as in the class.
        triangle : {"upper", "lower"}, optional
            J is given by one triangle, each entry the J of its pair; without it such a matrix is refused.

        Raises
        ------
        InputError
            One line that names the entry, the value and the rule.

        >>> IsingInstance.from_arrays([[0, 1], [1, 0]], h=[0.5, 0]).energies([1, -1])
        np.float64(0.5)
        """
        couplings = coupling_matrix(J, "J", triangle)
        return cls(couplings, bias_vector(h, couplings.shape[0]), name, {"source": "arrays"}, offset, labels)

    @classmethod
    def from_scipy(cls, matrix, h=None, **more):
        """Build an instance from a sparse matrix of scipy; `from_arrays` takes the same and more.

        Parameters
        ----------
        matrix : scipy.sparse matrix or array, shape (n, n)
            Couplings J.
        h : array_like, shape (n,), optional
            Biases; zeros if absent.
        **more
            ``offset``, ``labels``, ``name`` and ``triangle`` of `from_arrays`.

        Raises
        ------
        InputError
            If the matrix is not sparse, or as in `from_arrays`.
        """
        if not sparse.issparse(matrix):
            raise InputError(f"Matrix must be a sparse one of scipy, not {type(matrix).__name__}: see from_arrays")
        return cls.from_arrays(matrix, h, **more)

    @classmethod
    def from_networkx(cls, graph, coupling="J", bias="h", name="graph"):
        """Build an instance from an undirected graph; its nodes are the labels of the spins.

        For Max-Cut on edge weights w, set J = -w first: a coupling is a J, whatever its name.

        Parameters
        ----------
        graph : networkx.Graph
            Every edge carries ``coupling``; nodes may carry ``bias``, else 0.
        coupling, bias : str
            Names of the attributes.
        name : str
            Name of the model.

        Raises
        ------
        InputError
            If the graph is directed or a multigraph, or an edge lacks its coupling or joins a node to itself.
        """
        return cls._from_parts(parts_of_graph(graph, coupling, bias), name, "networkx")

    @classmethod
    def from_dimod(cls, bqm, name="bqm"):
        """Build the instance of a binary quadratic model, spin or binary, whose energies are those of the model.

        Spins come in the order of the variables: whole numbers rising, then texts, then others, so that one model is
        one instance in whatever order and file it came; their names are the labels. The provenance keeps
        ``variables`` (the labels again) and ``vartype`` (a binary x is (1 + s) / 2).

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            In dimod's convention, E = +J s s + h s; left untouched.
        name : str
            Name of the model.

        Raises
        ------
        InputError
            If it is no such model, is empty, or holds a number that is not finite.
        """
        return cls._from_parts(parts_of_bqm(bqm), name, "dimod")

    @classmethod
    def _from_parts(cls, parts, name, source):
        """Build an instance from what `foreign_models` found."""
        parts = dict(parts)
        n, edges, values, biases, notes = (parts.pop(key) for key in ("n_spins", "edges", "values", "biases", "notes"))
        return cls.from_edges(n, edges, values, biases, name, {"source": source, **notes}, **parts)

    @property
    def n_spins(self):
        """Number of spins."""
        return len(self.biases)

    @property
    def n_couplings(self):
        """Number of pairs with a coupling other than zero."""
        return self.couplings.nnz // 2

    @cached_property
    def degrees(self):
        """Neighbours of each spin; ndarray, shape (n,), int64."""
        return np.diff(self.couplings.indptr).astype(np.int64)

    @property
    def max_degree(self):
        """Most neighbours that a spin has."""
        return int(self.degrees.max())

    @cached_property
    def edges(self):
        """Pairs i < j in lexicographic order; ndarray, shape (m, 2), int64."""
        rows = np.repeat(np.arange(self.n_spins), self.degrees)
        upper = rows < self.couplings.indices
        return np.stack([rows[upper], self.couplings.indices[upper].astype(np.int64)], axis=1)

    @cached_property
    def edge_values(self):
        """Coupling of each pair of `edges`; ndarray, shape (m,), float64."""
        rows = np.repeat(np.arange(self.n_spins), self.degrees)
        return self.couplings.data[rows < self.couplings.indices]

    @property
    def _largest(self):
        """Largest absolute number of the instance."""
        sizes = (np.abs(part).max(initial=0.0) for part in (self.couplings.data, self.biases, np.array([self.offset])))
        return float(max(sizes))

    @cached_property
    def _is_huge(self):
        """Whether sums of the numbers could be beyond float64."""
        return self._largest * (self.couplings.nnz + self.n_spins + 1) > HUGE

    @property
    def _total(self):
        """Sum of |J| of each pair, of |h| and |offset|; infinite beyond float64."""
        with np.errstate(over="ignore"):
            pairs = np.abs(0.5 * self.couplings.data).sum()
            return float(pairs + np.abs(self.biases).sum() + abs(self.offset))

    @cached_property
    def max_field(self):
        """Largest absolute local field that any state reaches."""
        return float((np.abs(self.biases) + abs(self.couplings).sum(axis=1)).max())

    def local_fields(self, spins):
        """Return J s + h, without beta, for spins of shape (..., n)."""
        spins = np.asarray(spins, dtype=np.float64)
        flat = spins.reshape(-1, self.n_spins)
        return (self.couplings @ flat.T).T.reshape(spins.shape) + self.biases

    def energies(self, spins):
        """Return E(s), the offset included, for spins of shape (..., n); shape (...), float64.

        >>> IsingInstance.from_edges(2, [(0, 1)], [1.0], [0.0, 0.5]).energies([[1, 1], [1, -1]])
        array([-1.5,  1.5])
        """
        spins = np.asarray(spins, dtype=np.float64)
        if self._is_huge:  # twice the energy, below, would not be finite
            pairs = (self.couplings @ (0.5 * spins.reshape(-1, self.n_spins)).T).T.reshape(spins.shape)
            return self.with_offset(-np.einsum("...i,...i->...", spins, pairs) - spins @ self.biases)
        fields = self.local_fields(spins)
        # No zero with a sign.
        return self.with_offset(0.0 - 0.5 * np.einsum("...i,...i->...", spins, fields + self.biases))

    def with_offset(self, energies):
        """Return energies that were counted from couplings and biases alone, as kernels do, with the offset.

        The one place that adds it; without an offset the energies come back bit for bit.
        """
        return energies + self.offset if self.offset else energies

    def submodel(self, spins):
        """Return the instance of the chosen spins alone, with the couplings among them, their labels and the offset.

        Parameters
        ----------
        spins : array_like, shape (k,), int
            Indices to keep; their order becomes the new numbering.
        """
        spins = np.asarray(spins, dtype=np.int64)
        block = self.couplings[spins][:, spins]
        provenance = {"submodel of": self.provenance or self.name, "spins": spins.tolist()}
        labels = None if self.labels is None else tuple(self.labels[spin] for spin in spins.tolist())
        name = f"{self.name}[{len(spins)} spins]"
        return IsingInstance(block, self.biases[spins], name, provenance, self.offset, labels)
