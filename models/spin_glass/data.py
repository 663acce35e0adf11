"""The shipped glasses, their best known energies, and the published curves."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

from ...emulator.instances.resolve import read_instance

GLASSES = files("spinchip") / "examples" / "glasses"
FIRST_GLASS = files("spinchip") / "examples" / "ea3d" / "size08_0000.txt"


@dataclass(frozen=True, eq=False)
class Glass:
    """A shipped glass.

    Parameters
    ----------
    size : int
        Side L.
    number : int
        Number that the authors gave it.
    instance : IsingInstance
        Couplings +-1.
    ground_energy : float
        Lowest energy known to the authors.
    """

    size: int
    number: int
    instance: object
    ground_energy: float


def glasses(size):
    """Return the shipped glasses of side ``size``."""
    with (GLASSES / "putative_ground_energies.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if int(row["size"]) == size]
    found = []
    for row in rows:
        number = int(row["instance"])
        path = FIRST_GLASS if (size, number) == (8, 0) else GLASSES / f"size{size:02d}_{number:04d}.txt"
        found.append(Glass(size, number, read_instance(path), float(row["energy"])))
    return found


def published(method, size, sweeps, replicas=None):
    """Return a published residual energy per spin and its half width.

    Parameters
    ----------
    method : {"apt_icm", "dt_sqa"}
        Method whose curve is returned.
    size, sweeps : int
        Side L; Monte Carlo sweeps.
    replicas : int, optional
        Trotter replicas.

    Returns
    -------
    value, half_width : float
        The wider side of the 95 % interval, over 300 instances of 50 runs; None and None where nothing is published.
    """
    with (GLASSES / f"{method}_residual_energy.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            wanted = (int(row["size"]), int(row["mcs"]), int(row.get("replicas", 0) or 0))
            if wanted == (size, sweeps, replicas or 0):
                return float(row["residual_energy"]), max(float(row["ci_low_width"]), float(row["ci_high_width"]))
    return None, None
