"""The rows of a workload as Markdown, with the command that made them."""

from __future__ import annotations

import os
import platform

COLUMNS = ("quantity", "value", "s.e.", "reference", "source", "ok")


def workload_text(result, is_full):
    """Return the document.

    Parameters
    ----------
    result : dict
        ``name``, ``rows`` and ``seconds`` of a workload.
    is_full : bool
        Whether it was the whole table.

    Returns
    -------
    str
    """
    name, met = result["name"], sum(bool(row["ok"]) for row in result["rows"])
    command = f"spinchip workload {name}{' --full' if is_full else ''} --out DIR"
    where = f"{os.cpu_count()} cores, {platform.machine()}, shared"
    lines = [f"# Workload {name}", ""]
    lines += [
        f"Written by `{command}` in {result['seconds']:.0f} s on {where}: {met} of {len(result['rows'])} rows met.",
        "",
    ]
    lines += [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
    for row in result["rows"]:
        cells = [
            row["quantity"],
            row["value"],
            row["se"],
            row["reference"],
            row["source"],
            "yes" if row["ok"] else "NO",
        ]
        lines.append(_line([_plain(cell) for cell in cells]))
    return "\n".join(lines) + "\n"


def _line(cells):
    return f"| {' | '.join(cells)} |"


def _plain(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.5g}" if abs(value) < 1e5 else f"{value:,.0f}"
    return str(value).replace("|", "/")
