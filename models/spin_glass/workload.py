"""Spin glasses as a workload: residual energies beside the published curves, ground energies, and their picture."""

from __future__ import annotations

from .energies import SEED, tempering_rows, trotter_rows

PAPER = "arXiv:2503.10302"
NAMES = {"apt_icm": "APT + ICM", "dt_sqa": "DT-SQA"}


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        All published axes: a quarter of an hour. Otherwise L = 8 to 100 sweeps, and two Trotter rings of L = 15.
    seed : int
        Seed of betas, searches and intervals.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``; residual energies also ``method``, ``size``,
        ``sweeps``, ``replicas``, and the 95 % interval ``low`` and ``high``. A residual energy is good inside the joint
        95 % interval or below it; a ground energy if it is met exactly.
    """
    residual, ground = tempering_rows(full, seed)
    residual = residual + trotter_rows(full, seed)
    rows = [_residual(row) for row in residual if row["published"] is not None]
    rows += [_ground(row) for row in ground if full or row["share"] > 0]
    return rows


def _residual(row):
    replicas = f", R = {row['replicas']}" if row["replicas"] else ""
    name = f"rho, {NAMES[row['method']]}, L = {row['size']}, {row['sweeps']} sweeps{replicas}"
    better = row["value"] < row["published"]
    found = {"quantity": name, "value": row["value"], "se": (row["high"] - row["low"]) / 3.92}
    found |= {"reference": row["published"], "source": PAPER, "ok": bool(row["inside"] or better)}
    return found | {key: row[key] for key in ("method", "size", "sweeps", "replicas", "low", "high")}


def _ground(row):
    name = f"lowest energy, L = {row['size']}, number {row['number']}"
    found = {"quantity": name, "value": row["found"], "se": None, "reference": row["known"]}
    return found | {"source": f"{PAPER}, putative", "ok": bool(row["found"] == row["known"])}
