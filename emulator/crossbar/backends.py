"""Matrix backends by name."""

from __future__ import annotations

from ..spec.errors import InputError
from .crossbar import Crossbar
from .ideal import IdealMatVec
from .tile_spec import TileSpec

NAMES = ("ideal", "crossbar")


def matvec(name, weights, spec=None, seed=0):
    """Return a matrix on the backend of that name.

    Parameters
    ----------
    name : {"ideal", "crossbar"}
        Name of the backend.
    weights : ndarray, shape (n_inputs, n_outputs), float
        Matrix W of y = x W.
    spec : TileSpec, optional
        Tiles of the crossbar; ideal ones by default.
    seed : int
        Reproduces the crossbar's programming.

    Returns
    -------
    MatVec

    Raises
    ------
    InputError
        If there is no such backend, or it refuses the weights, or the ideal one is given tiles.
    """
    if name not in NAMES:
        raise InputError(f"Matrix backend must be one of {', '.join(NAMES)}, not {name!r}")
    if name == "ideal":
        if spec is not None:
            raise InputError("Backend 'ideal' must have no tiles, not a TileSpec; choose 'crossbar'")
        return IdealMatVec(weights)
    return Crossbar(weights, spec or TileSpec(), seed)
