"""The result of every backend: states, energies, moments, and the cost of the run."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from .fabric.program import Program
from .samples_record import attributes, groups, save_groups

MOST_AT_ONCE = 1_000_000  # products of spins held in memory


@dataclass
class Ledger:
    """Events that a run executed, and the time they took.

    Parameters
    ----------
    events : dict of str to int
        Counts such as ``cycles``, ``updates``, ``table_loads``, ``saturations``.
    wall_seconds : float
        Time of the computer that ran the backend [s]; the machine's own time is cycles over its clock.
    """

    events: dict[str, int] = field(default_factory=dict)
    wall_seconds: float = 0.0

    def as_dict(self):
        """Return a plain dictionary for JSON."""
        return {**self.events, "wall_seconds": self.wall_seconds}


@dataclass(repr=False)
class Samples:
    """States kept from several chains.

    Parameters
    ----------
    spins : ndarray, shape (n_chains, n_samples, n_spins), int8, or None
        Kept states, -1/+1.
    energies : ndarray, shape (n_chains, n_samples), float64
        E(s) of the *given* (not the quantised) instance, its offset included.
    magnetizations : ndarray, shape (n_chains, n_samples), float64
        Mean spin of each kept state.
    spin_means : ndarray, shape (n_spins,), float64
        Mean of each spin over all kept states.
    edge_means : ndarray, shape (n_couplings,), float64
        Mean of s_i s_j over all kept states, in the order of ``instance.edges``.
    final_spins : ndarray, shape (n_chains, n_spins), int8
        Last state of every chain.
    ledger : Ledger
        Events, energy and time of the run.
    provenance : dict
        Backend, seed, schedule, instance, version.
    labels : tuple of int or str, shape (n_spins,), optional
        Names of the spins, if the instance has them; coordinate ``spin`` of `to_xarray`.
    program : Program, optional
        What hardware ran: fabric, words, tables; None of a float sampler.
    """

    spins: np.ndarray | None
    energies: np.ndarray
    magnetizations: np.ndarray
    spin_means: np.ndarray
    edge_means: np.ndarray
    final_spins: np.ndarray
    ledger: Ledger
    provenance: dict
    labels: tuple | None = None
    program: Program | None = None

    @classmethod
    def from_spins(cls, instance, spins, final_spins, ledger, provenance, keep=True, program=None):
        """Build from kept states, which are let go afterwards unless ``keep``; see the class for shapes."""
        return cls(
            spins=spins if keep else None,
            energies=instance.energies(spins),
            magnetizations=spins.mean(axis=2, dtype=np.float64),
            spin_means=spins.mean(axis=(0, 1), dtype=np.float64) if spins.size else np.full(spins.shape[2], np.nan),
            edge_means=_edge_means(spins, instance.edges),
            final_spins=final_spins,
            ledger=ledger,
            provenance=provenance,
            labels=instance.labels,
            program=program,
        )

    def __repr__(self):
        """Return one line: sizes, lowest and mean energy, backend and seed; no arrays."""
        n_spins, run = self.final_spins.shape[-1], self.provenance
        text = f"{self.n_chains} chains x {self.n_samples} states of {n_spins} spins"
        if self.energies.size:
            text += f", energy {float(np.mean(self.energies)):.6g} (lowest {self.energies.min():.6g})"
        kept = "" if self.spins is not None else ", states not kept"
        told = "".join(f", {key} {run[key]}" for key in ("backend", "seed") if key in run)
        return f"Samples({text}{kept}{told})"

    @property
    def n_chains(self):
        """Independent chains."""
        return self.energies.shape[0]

    @property
    def n_samples(self):
        """Kept states of one chain."""
        return self.energies.shape[1]

    def to_xarray(self):
        """Return an `xarray.Dataset` with dimensions chain, draw, spin and edge.

        Spins with labels have them as coordinate, as texts where numbers and texts are mixed.
        """
        import xarray as xr  # slow to import, and simulator processes that never need it load this module

        data = {
            "energy": (("chain", "draw"), self.energies),
            "magnetization": (("chain", "draw"), self.magnetizations),
            "spin_mean": (("spin",), self.spin_means),
            "edge_mean": (("edge",), self.edge_means),
        }
        if self.spins is not None:
            data["spins"] = (("chain", "draw", "spin"), self.spins)
        coordinates = {} if self.labels is None else {"spin": _coordinate(self.labels)}
        return xr.Dataset(data, coords=coordinates, attrs=attributes(self))

    def to_arviz(self):
        """Return an `arviz.InferenceData` with the groups of `samples_record.groups`; `arviz.summary` works on it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # ArviZ's daily notice of a refactoring
            import arviz  # takes a second

            return arviz.InferenceData(**groups(self))

    def save(self, path):
        """Write a NetCDF file, whole or not at all: `arviz.from_netcdf` opens it, xarray opens its group ``posterior``.

        Provenance stands in the attributes: ``json.loads(dataset.attrs["provenance"])`` is the run as it was.
        """
        save_groups(self, path)


def _coordinate(labels):
    """Return labels as an array of whole numbers, or of texts."""
    if all(isinstance(label, int) and abs(label) < 2**63 for label in labels):
        return np.array(labels, dtype=np.int64)
    return np.array([str(label) for label in labels])


def _edge_means(spins, ends):
    """Return the mean of s_i s_j over all states, for each pair; NaN without states."""
    if not spins.size:
        return np.full(len(ends), np.nan)
    states = spins.reshape(-1, spins.shape[2])
    if len(states) * len(ends) <= MOST_AT_ONCE:
        return np.mean(states[:, ends[:, 0]] * states[:, ends[:, 1]], axis=0, dtype=np.float64)
    return np.array([np.mean(states[:, i] * states[:, j], dtype=np.float64) for i, j in ends])


class Sampler(Protocol):
    """Anything that draws states of an Ising instance."""

    name: str

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None) -> Samples:
        """Draw states.

        Parameters
        ----------
        instance : IsingInstance
            Model to sample.
        schedule : Schedule
            Inverse temperatures and sweeps.
        n_chains : int
            Number of independent chains.
        seed : int
            Reproduces the run on the same backend, bit for bit.
        recording : Recording, optional
            Which sweeps are kept; all by default.
        initial : ndarray, shape (n_spins,) or (n_chains, n_spins), int8, optional
            First state, -1/+1; all -1 by default, as after a hardware reset.
        clamps : ndarray, shape (n_spins,), int8, optional
            -1 or +1 where a spin is held, 0 where it is free.
        """
        ...
