"""Lattices: rings, ferromagnets and Edwards-Anderson glasses, with any boundary."""

from __future__ import annotations

import re

import numpy as np

from ...spec.errors import InputError
from ...spec.model_size import check_size
from ..edge_list import EdgeList
from .disorder import draw_couplings


def lattice_edges(shape, boundary):
    """Return the nearest-neighbour pairs of a lattice, axis by axis.

    Parameters
    ----------
    shape : tuple of int
        Sides; site (x, y, z) has index x + Lx (y + Ly z), x fastest.
    boundary : str
        ``periodic``, ``open``, or the axes that are open, such as ``xy-open``.

    Returns
    -------
    ndarray, shape (m, 2), int64
        First the pairs along x in the order of their first site, then those along y, and so on.
    """
    open_axes = _open_axes(len(shape), boundary)
    smallest = min((side for axis, side in enumerate(shape) if axis not in open_axes), default=3)
    if min(shape) < 2 or smallest < 3:  # a periodic side of 2 would join each pair twice
        raise InputError(f"Side L must be 2 or more, and 3 or more where periodic, not {min(shape)}")
    check_size(int(np.prod(shape, dtype=object)), 0)
    check_size(1, int(np.prod(shape)) * len(shape))
    sites = np.arange(np.prod(shape)).reshape(shape[::-1])  # C order, so that x is the last axis
    pairs = []
    for axis in range(len(shape)):
        lines = np.moveaxis(sites, -1 - axis, 0)
        ahead = np.roll(lines, -1, axis=0)
        last = len(lines) - 1 if axis in open_axes else len(lines)
        found = np.stack([lines[:last].ravel(), ahead[:last].ravel()], axis=1)
        pairs.append(found[np.argsort(found[:, 0], kind="stable")])
    return np.concatenate(pairs)


def _open_axes(n_axes, boundary):
    """Return the axes, x = 0, that ``boundary`` opens."""
    names = "xyz"[:n_axes]
    axes = {"periodic": "", "open": names}.get(boundary)
    if axes is None:
        match = re.fullmatch(f"([{names}]+)-open", boundary)
        if match is None:
            raise InputError(f"Boundary must be open, periodic or axes such as {names[:2]}-open, not {boundary!r}")
        axes = match[1]
    return {names.index(axis) for axis in axes}


def _lattice(shape, boundary, J, h, seed):
    """Return the lattice with couplings after ``J`` and the same bias ``h`` everywhere."""
    edges = lattice_edges(shape, boundary)
    n_spins = int(np.prod(shape))
    return EdgeList(n_spins, edges, draw_couplings(J, len(edges), np.random.default_rng(seed)), np.full(n_spins, h))


def ea2d(L: int, boundary: str = "periodic", J: float | str = "pm", h: float = 0.0, seed: int = 0):
    """Return the L x L Edwards-Anderson glass.

    Parameters
    ----------
    L : int
        Side of the lattice.
    boundary : str
        Boundary of the lattice, as for `lattice_edges`.
    J : float or str
        ``pm`` (+-1), ``gauss``, or a number.
    h : float
        Bias of every spin.
    seed : int
        Seed of the couplings.

    Returns
    -------
    EdgeList

    References
    ----------
    Edwards and Anderson, J. Phys. F 5, 965 (1975).
    """
    return _lattice((L, L), boundary, J, h, seed)


def ea3d(L: int, boundary: str = "periodic", J: float | str = "pm", h: float = 0.0, seed: int = 0):
    """Return the L x L x L Edwards-Anderson glass; arguments as in `ea2d`.

    ``xy-open`` has the topology of the published instances of arXiv:2503.10302: open in x and y, periodic in z.
    """
    return _lattice((L, L, L), boundary, J, h, seed)


def ferromagnet2d(L: int, J: float = 1.0, h: float = 0.0, boundary: str = "periodic"):
    """Return the L x L Ising ferromagnet, on a torus by default; arguments as in `ea2d`."""
    return _lattice((L, L), boundary, J, h, 0)


def ring(n: int, J: float | str = 1.0, h: float = 0.0, seed: int = 0):
    """Return a ring of ``n`` spins; arguments as in `ea2d`."""
    if n < 3:
        raise InputError(f"Ring must have 3 spins or more, not {n}")
    return _lattice((n,), "periodic", J, h, seed)
