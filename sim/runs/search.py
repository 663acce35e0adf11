"""Result of a search for the lowest energy: its numbers, the best state, its files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np

from ...emulator.spec.files.atomic_write import made_folder, whole_file
from .anneal_files import save_search
from .anneal_run import residual


@dataclass(frozen=True, eq=False)
class Search:
    """What a search for the lowest energy found.

    Parameters
    ----------
    energy : float
        Lowest of all runs.
    spins : ndarray, shape (n,), int8
        A state that has it.
    energies : ndarray, shape (runs,), float64
        Lowest energy of each run.
    run_spins : ndarray, shape (runs, n), int8
        A state that has it.
    replicas : int
        Replicas of a run.
    seconds : float
        Wall-clock time of the sweeps [s].
    ladder_seconds : float
        Wall-clock time of the choice of betas, before the first sweep [s].
    labels : tuple of str, optional
        Names of the spins, in the order of ``spins``; a model of dimod may come in another order than it was built.
    sweeps : int
        Sweeps of each replica.
    residual : dict
        Mean residual energy per spin, with its 95 % interval: ``low``, ``best``, ``high``.
    residual_from : float
        Energy that residuals count from.
    is_ground_known : bool
        Whether that is a ground state's; else it is ``energy``.
    files : tuple of str
        Paths of the files in the folder that was asked for.
    out : str, optional
        Path of the file of the best state.
    """

    energy: float
    spins: np.ndarray
    energies: np.ndarray
    run_spins: np.ndarray
    replicas: int
    seconds: float
    ladder_seconds: float
    labels: tuple | None
    sweeps: int
    residual: dict
    residual_from: float
    is_ground_known: bool
    files: tuple[str, ...] = ()
    out: str | None = None

    def __repr__(self):
        return f"Search(energy={self.energy:g}, runs={len(self.energies)}, seconds={self.seconds:.3g})"

    def as_dict(self):
        """Return the keys that the command line promises, for JSON."""
        return {
            "best_energy": self.energy,
            "energies": [float(energy) for energy in self.energies],
            "residual": self.residual,
            "residual_from": self.residual_from,
            "sweeps": self.sweeps,
            "replicas": self.replicas,
            "runs": len(self.energies),
            "seconds": self.seconds,
            "ladder_seconds": self.ladder_seconds,
            **({} if self.labels is None else {"labels": list(self.labels)}),
            **({} if self.out is None else {"out": self.out}),
            **({"files": list(self.files)} if self.files else {}),
        }

    def state_lines(self):
        """Return a line for each spin: its label, if any, a tab and the spin; labels of odd characters as JSON."""
        if self.labels is None:
            return [f"{spin:d}\n" for spin in self.spins]
        names = (str(label) if str(label).isprintable() else json.dumps(label) for label in self.labels)
        return [f"{name}\t{spin:d}\n" for name, spin in zip(names, self.spins, strict=True)]


def search_of(instance, found, sweeps, ground, seed):
    """Return the result of what was found.

    Parameters
    ----------
    instance : IsingInstance
        Model whose energy was minimised.
    found : Found
        What `anneal_run.find` left.
    sweeps : int
        Sweeps of each replica.
    ground : float, optional
        Energy that residuals count from; if absent that of a known ground state, else the lowest found.
    seed : int
        Seed of the search; the interval of the residual energy has its own stream.

    Returns
    -------
    Search
    """
    lowest = float(found.energies.min())
    known = instance.provenance.get("ground_energy") if ground is None else ground
    start = lowest if known is None else float(known)
    return Search(
        energy=lowest,
        **found._asdict(),
        labels=instance.labels,
        sweeps=sweeps,
        residual=residual(found.energies, start, instance.n_spins, seed),
        residual_from=start,
        is_ground_known=known is not None,
    )


def write_search(search, names, out=None, folder=None):
    """Write the best state to a file, and everything to a folder, where those are given; return the search with both.

    Parameters
    ----------
    search : Search
        What was found.
    names : dict
        ``instance``, ``method`` and ``backend``, in words.
    out, folder : path, optional
        File of the best state; folder of result, best state and picture.

    Returns
    -------
    Search
    """
    if out is not None:
        with whole_file(out) as handle:
            handle.write("".join(search.state_lines()))
        search = replace(search, out=str(out))
    if folder is not None:
        written = save_search(made_folder(folder), names | search.as_dict(), search.state_lines())
        search = replace(search, files=tuple(written))
    return search
