"""An instance from whatever holds it."""

from __future__ import annotations

from pathlib import Path

from ...emulator.instances.in_memory import from_memory
from ...emulator.instances.resolve import resolve


def load(source, file_format=None, **reading):
    """Return the instance that a file, a generator in brackets, a matrix, a graph or a dimod model tells of.

    Parameters
    ----------
    source : str, Path, IsingInstance, array_like of shape (n, n), networkx.Graph or dimod.BinaryQuadraticModel
        A file, a text such as ``[ea3d L=8 seed=3]``, couplings J, a graph whose edges carry ``J`` and whose nodes may
        carry ``h``, or a model in dimod's convention, whose sign is turned.
    file_format : str, optional
        Format of a file; guessed from its name and content if absent.
    **reading
        How an ambiguous file is read, see `emulator.instances.resolve.resolve`. Of a matrix: biases ``h``, ``offset``,
        ``labels``, ``name``, ``triangle``, or ``sense`` (a QUBO), see `emulator.instances.in_memory.from_memory`.

    Returns
    -------
    IsingInstance

    Raises
    ------
    InputError
        One line that names the place, the value and the rule.

    >>> load([[0, 1], [1, 0]]).n_couplings
    1
    """
    if isinstance(source, str | Path):
        return resolve(source, file_format, **reading)
    return from_memory(source, file_format=file_format, **reading)
