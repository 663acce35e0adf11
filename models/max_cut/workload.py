"""Max-Cut as a workload: tori and G-set beside optima and best known cuts."""

from __future__ import annotations

from .cuts import SEED, TORUS_OPTIMA, cut_rows

LEAST_SHARE = 0.999  # of a best known cut that is not proved to be optimal


def workload_rows(full=False, seed=SEED):
    """Return the cut of each shipped graph, counted on its original weights, beside the best known one.

    Parameters
    ----------
    full : bool
        All eight graphs: some minutes. Otherwise the two small tori, G11 and G22.
    seed : int
        Seed of betas and searches.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se`` (None, a cut is exact), ``reference``, ``source`` and ``ok``: the optimum of a
        torus exactly, 99.9 % of a best known cut.
    """
    rows = []
    for row in cut_rows(full, seed):
        is_torus = row["name"] in TORUS_OPTIMA
        need = row["known"] if is_torus else LEAST_SHARE * row["known"]
        source = "BiqMac, proved optimal" if is_torus else "openising, best known"
        name = f"cut of {row['name']}, {row['spins']} vertices, {row['method']}, {row['seconds']:.1f} s"
        found = {"quantity": name, "value": float(row["cut"]), "se": None, "reference": float(row["known"])}
        rows.append(found | {"source": source, "ok": bool(row["cut"] >= need)})
    return rows
