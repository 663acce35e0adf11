"""Tables of projections and explorations, as a screen, a document and a report show them alike."""

from __future__ import annotations

MACHINES = ("machine", "seconds", "joules", "joules of a sample", "kinds (steps, time, energy)")
CLAIMS = ("claim", "slides", "ours", "verdict", "decided by")


def machine_table(rows):
    """Return columns and rows of text of a projection's machines, see `Machine.row`."""
    return MACHINES, [
        [
            row["machine"],
            ranged(row["seconds"], row["seconds_range"]),
            ranged(row["joules"], row["joules_range"]),
            f"{row['joules_of_independent_sample']:.3g}",
            ", ".join(row["kinds"][part] for part in ("steps", "seconds", "joules")),
        ]
        for row in rows
    ]


def claim_table(rows):
    """Return columns and rows of text of the claims, see `claim_rows`."""
    return CLAIMS, [[row[column.replace(" ", "_")] for column in CLAIMS] for row in rows]


def front_table(result):
    """Return columns and rows of text of an exploration's front, see `outcome`."""
    if not result["points"]:
        return (), []
    parameters, objectives = list(result["points"][0]["point"]), list(result["objectives"])
    rows = []
    for k in result["pareto"]:
        row = result["points"][k]
        values = [f"{row['result'][name]:.4g}" for name in objectives]
        rows.append([str(row["point"][name]) for name in parameters] + values + ["knee" if k == result["knee"] else ""])
    return (*parameters, *objectives, ""), rows


def ranged(best, ends):
    """Return a value with its range.

    >>> ranged(2.0, [1.0, 4.0]), ranged(2.0, [2.0, 2.0])
    ('2 (1 ... 4)', '2')
    """
    return f"{best:.3g}" if ends[0] == ends[1] else f"{best:.3g} ({ends[0]:.2g} ... {ends[1]:.2g})"


def markdown_table(columns, rows):
    """Return a table as Markdown, empty without rows.

    >>> print(markdown_table(("a", "b"), [("1", "2|3")]), end="")
    | a | b |
    | --- | --- |
    | 1 | 2/3 |
    """
    if not rows:
        return ""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |\n" for line in lines)
