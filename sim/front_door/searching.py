"""The lowest energy of an instance on any backend."""

from __future__ import annotations

from math import isfinite

from ...emulator.reference.arguments import check_number
from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder, check_output
from .data import load
from .hardware import check_fabric


def anneal(
    instance,
    method="sa",
    sweeps=1000,
    runs=16,
    *,
    on="reference",
    seed=0,
    fabric=None,
    ground=None,
    checkpoint=None,
    out=None,
    keep=None,
):
    """Search an instance for its lowest energy.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        Model whose energy is minimised.
    method : {"sa", "sqa", "apt", "pa"}
        Simulated annealing, simulated quantum annealing, parallel tempering with cluster moves, population annealing.
    sweeps, runs : int
        Sweeps of each replica, and independent runs.
    on, seed, fabric
        Same meaning as in `sample`.
    ground : float, optional
        Energy that residuals count from; a known ground state, else the lowest found, if absent.
    checkpoint : path, optional
        File to go on from, and to keep; of the reference.
    out : path, optional
        Text file for the best state, one spin a line, behind its label.
    keep : path, optional
        Folder for result, best state and picture; made if absent.

    Returns
    -------
    Search
        ``.as_dict()`` has the keys of ``spinchip anneal --json``.

    >>> anneal("[ferromagnet2d L=4]", sweeps=100, runs=4).energy
    -32.0
    """
    from ..runs.anneal_run import Where, check_backend, find
    from ..runs.search import search_of, write_search

    where = Where(on, fabric, checkpoint)
    check_backend(where, method)
    check_fabric(fabric)
    if ground is not None:
        ground = check_number("Energy", ground)
        if not isfinite(ground):
            raise InputError(f"Energy must be a finite number, not {ground}")
    if out is not None:
        check_output(out)
    if keep is not None:
        check_folder(keep)
    model = load(instance)
    search = search_of(model, find(model, method, sweeps, runs, seed, where), sweeps, ground, seed)
    return write_search(search, {"instance": model.name, "method": method, "backend": where.name}, out, keep)
