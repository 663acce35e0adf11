"""The report: one HTML file that needs nothing else, neither network nor scripts."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import numpy as np
from markupsafe import Markup, escape

from ...emulator.spec.files.atomic_write import whole_file
from .plots import (
    autocorrelation_figure,
    conditionals_figure,
    energy_figure,
    law_figure,
    likeliest_states,
    moments_figure,
)
from .svg_figures import svg_text
from .written_numbers import (
    Quantity,
    measured_text,
    number_text,
    percent_text,
    probability_text,
    seconds_text,
    word_text,
)

TEMPLATE = "report.html.j2"
LONGEST_UNBROKEN = 16  # letters; a longer word may break at its hyphens, or it would not fit a phone
PLOTS = {
    "energy": energy_figure,
    "law": law_figure,
    "conditionals": conditionals_figure,
    "autocorrelation": autocorrelation_figure,
    "moments": moments_figure,
}
COST_NAMES = {"wall_seconds": "wall time", "cycles": "clock cycles", "updates": "p-bit updates"}


def write_report(path, data):
    """Write a report, whole or not at all.

    Parameters
    ----------
    path : str or Path
        HTML file to write; its folder must exist.
    data : ReportData
        Content of the report.

    Raises
    ------
    InputError
        If the file cannot be made there.
    """
    text = report_text(data)
    with whole_file(path, "wb") as handle:
        handle.write(text.encode("utf-8", "backslashreplace"))  # a file name may hold what UTF-8 cannot


def report_text(data):
    """Return a report as HTML text; equal data give equal text.

    Parameters
    ----------
    data : ReportData
        Content of the report.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number_text,
        "p_value": probability_text,
        "percent": percent_text,
        "seconds": seconds_text,
        "unbroken": _unbroken,
    }
    environment.globals |= {
        "cost_rows": cost_rows,
        "figure": _figure,
        "law_share": _law_share,
        "measured": measured_text,
        "median": np.median,
        "word": word_text,
    }
    return environment.get_template(TEMPLATE).render(data=data)


def cost_rows(costs):
    """Return a table of what runs cost.

    Parameters
    ----------
    costs : mapping of str to mapping
        Costs of each backend, as in `ReportData`.

    Returns
    -------
    list of (str, list of object)
        Name of an event or quantity, and its value in each run, None where a run does not have it.
    """
    names = dict.fromkeys(name for ledger in costs.values() for name in ledger)
    times = [name for name in names if name.endswith("_seconds")]
    names = [name for name in names if name not in times] + times
    rows = [(_cost_name(name), [_cost(name, ledger.get(name)) for ledger in costs.values()]) for name in names]
    speeds = [_speed(ledger) for ledger in costs.values()]
    return [*rows, ("speed", speeds)] if any(speeds) else rows


def _cost_name(name):
    return COST_NAMES.get(name, name.replace("_", " "))


def _cost(name, value):
    return Quantity(value, "s") if name.endswith("_seconds") and isinstance(value, int | float) else value


def _speed(ledger):
    """Return the updates per second of a run, or None if its ledger does not say."""
    updates, seconds = ledger.get("updates"), ledger.get("wall_seconds")
    return Quantity(updates / seconds, "updates/s") if updates and seconds else None


def _figure(kind, section, label, number=0):
    """Return both widths of a figure; the page shows the one that fits."""
    elements = []
    for width in ("wide", "narrow"):
        svg = svg_text(PLOTS[kind](section, width), f"{kind}{number}{width[0]}", label)
        elements.append(f'<div class="plot {width}">{svg}</div>')
    return Markup("".join(elements))


def _law_share(section):
    """Return how many states `law_figure` shows, and the exact and observed probability of all the others."""
    shown = likeliest_states(section)
    exact = 1.0 - float(section.exact[shown].sum())
    observed = 1.0 - float(section.counts[shown].sum()) / section.n_draws
    return {"shown": len(shown), "others": len(section.exact) - len(shown), "exact": exact, "observed": observed}


def _unbroken(text):
    """Return text in which short words do not break at their hyphens: no line ends in "p-"."""
    words = re.split(r"(\s+)", text)
    is_kept = ["-" in word and len(word) <= LONGEST_UNBROKEN for word in words]
    parts = [
        Markup('<span class="word">{}</span>').format(word) if kept else escape(word)
        for word, kept in zip(words, is_kept, strict=True)
    ]
    return Markup("").join(parts)
