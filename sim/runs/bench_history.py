"""Speeds over commits: each run kept as JSON, and all of them drawn."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import made_folder, whole_path
from ...emulator.spec.files.json_reading import read_json
from ...emulator.spec.files.strict_json import write_json
from ..report.plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, shown_name, style_context, tidy

PANEL_IN, MOST_ROWS = 2.6, 8


def keep(rows, folder, quick):
    """Write one run's rows, whole or not at all; returns the path.

    Parameters
    ----------
    rows : list of dict
        ``name, value, unit, peer, ratio``.
    folder : Path
        Folder of all runs.
    quick : bool
        Whether it was a first look.
    """
    made_folder(folder)
    now = datetime.now(UTC)
    run = {
        "time": now.isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "quick": quick,
        "rows": rows,
    }
    path = folder / f"{now:%Y%m%dT%H%M%SZ}-{run['commit']}.json"
    write_json(path, run)
    return path


def commit():
    """Return the short hash of the sources' commit, ``unknown`` outside a repository."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def runs(folder):
    """Return all runs of a folder in order of time; list of dict."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            run = read_json(path)
            found.append({"time": run["time"], "commit": run["commit"], "rows": run["rows"]})
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path}: run must be a file that `bench --keep` wrote, which it is not") from None
    return sorted(found, key=lambda run: run["time"])


def ratios(found):
    """Return the ratios of every row over runs, by its benchmark; dict of dict of list of (commit, ratio)."""
    groups = {}
    for run in found:
        for row in run["rows"]:
            if row.get("ratio") is not None:
                group = groups.setdefault(row.get("bench", "bench"), {})
                group.setdefault(row["name"], []).append((run["commit"], row["ratio"]))
    return groups


def draw(folder):
    """Draw all runs of a folder as ``history.png``; returns its path.

    Ratios to peers, not speeds: machines differ and are shared, peers ran beside.
    """
    found = runs(folder)
    groups = ratios(found)
    if not groups:
        raise InputError(f"{folder}: runs must hold a row with a ratio to draw, which none does")
    commits = [run["commit"] for run in found]
    with style_context():
        figure = new_figure("wide", PANEL_IN * len(groups) + 0.6)
        figure.set_layout_engine("constrained")
        for axes, (name, lines) in zip(
            figure.subplots(len(groups), 1, squeeze=False)[:, 0], groups.items(), strict=True
        ):
            _panel(axes, name, lines, commits)
        path = folder / "history.png"
        with whole_path(path) as temporary:
            figure.savefig(temporary, format="png", dpi=110, facecolor=PALETTE["paper"])
    return path


def _panel(axes, name, lines, commits):
    for k, (label, points) in enumerate(list(lines.items())[:MOST_ROWS]):
        places = [commits.index(commit) for commit, _ in points]
        color, marker = PALETTE[SERIES[k % len(SERIES)]], MARKERS[k % len(MARKERS)]
        axes.plot(places, [ratio for _, ratio in points], f"{marker}-", color=color, label=shown_name(label))
    tidy(axes, "", "ratio to peer")
    logarithmic(axes.yaxis)
    axes.set_xticks(range(len(commits)), commits, rotation=30)
    more = f", the first {MOST_ROWS} of {len(lines)} rows" if len(lines) > MOST_ROWS else ""
    axes.set_title(f"{name}{more}", fontsize="medium")
    axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))
