"""What a benchmark's rows say of their peers: a ratio has a peer that ran, and an absent one says how to get it."""

from __future__ import annotations

from math import isfinite

# Word in a row's name -> what pip installs; everything else is in the extra `peers`.
INSTALLED_BY = {"netket": "'spinchip[netket]'", "badcrossbar": "badcrossbar"}
PEERS = "'spinchip[peers]'"


def honest_rows(rows):
    """Return rows in which no ratio lacks a peer, and every row without a value says why.

    Parameters
    ----------
    rows : list of dict
        ``name, value, unit, peer, ratio`` and more.

    Returns
    -------
    list of dict
        ``peer`` and ``ratio`` are None where a row is its own peer, or its peer is absent or has no value; ``note``
        says how to install what is absent.

    >>> honest_rows([{"name": "a", "value": 2.0, "unit": "1/s", "peer": "a", "ratio": 1.0}])[0]["ratio"] is None
    True
    """
    absent = {row["name"] for row in rows if row.get("value") is None}
    found = []
    for row in rows:
        peer, ratio = row.get("peer") or None, row.get("ratio")
        # A measured quotient of two different runs is never 1 to the last bit: that is a run over itself.
        if peer is None or peer == row["name"] or peer in absent or ratio in (None, 1.0) or not isfinite(ratio):
            ratio = None
        if peer == row["name"] or peer in absent or row.get("ratio") == 1.0:
            peer = None
        found.append(row | {"peer": peer, "ratio": ratio} | _note(row))
    return found


def _note(row):
    if row.get("value") is not None or row.get("note"):
        return {}
    what = next((what for word, what in INSTALLED_BY.items() if word in row["name"].lower()), PEERS)
    return {"note": f"not installed: pip install {what}"}
