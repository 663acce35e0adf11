"""A verdict as a folder: numbers as JSON, pictures of distribution and conditionals, ready for `spinchip report`."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ...emulator.spec.files.atomic_write import whole_path
from ...emulator.spec.files.strict_json import write_json
from ...emulator.stats.conditionals import measure_conditionals
from ...emulator.stats.distance import g_test, histogram_tv, state_histogram, tv_noise_floor
from ...emulator.stats.evidence import Evidence
from ...emulator.stats.gate import Gate
from ..report.plot_data import ConditionalsSection, LawSection
from ..report.plot_style import PALETTE
from ..report.plots import conditionals_figure, law_figure
from ..report.report_sources import conditionals_section, law_section

MOST_FIELDS = 120  # distinct local fields that are shown one by one; more are put into as many bins


def save_verdict(folder, instance, result, seen):
    """Write ``verdict.json`` and the pictures of a verdict.

    Parameters
    ----------
    folder : Path
        Where they go; it must exist.
    instance : IsingInstance
        Model that was sampled.
    result : dict
        Result as `spinchip verify --json` prints it, with ``beta``.
    seen : Evidence or LastStates
        What the last stage drew.

    Returns
    -------
    list of str
        Paths of the files that were written.
    """
    name = f"{instance.name} on {result['backend']}"
    figures = {}
    law, conditionals = _sections(name, instance, result, seen)
    if law is not None:
        figures["law"] = law_figure(law)
    if conditionals is not None:
        figures["conditionals"] = conditionals_figure(conditionals)
    write_json(folder / "verdict.json", {"instance": instance.name, **result})
    written = [str(folder / "verdict.json")]
    for stem, figure in figures.items():
        with whole_path(folder / f"{stem}.png") as path:
            figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
        written.append(str(folder / f"{stem}.png"))
    return written


def _sections(name, instance, result, seen):
    """Return the sections of the law gate and of the conditionals, None where there is nothing to show."""
    if isinstance(seen, Evidence):
        has_law = seen.end_law is not None or seen.stationary_law is not None
        law = law_section(name, seen, result["alpha"]) if has_law else None
        return law, conditionals_section(name, measure_conditionals(seen.program, seen.spins))
    law = None if seen.law is None else _law_of(name, result, seen)
    return law, _conditionals_of(name, instance, result, seen.states)


def _law_of(name, result, seen):
    counts, n = state_histogram(seen.states), len(seen.states)
    fit = g_test(counts, seen.law, Gate().min_expected)
    tv, floor = histogram_tv(counts, seen.law), tv_noise_floor(seen.law, n)
    return LawSection(name, seen.law, counts, n, tv, floor, fit.p_value, result["alpha"])


def _conditionals_of(name, instance, result, states):
    """Return the share of ups by local field over all spins; the states are independent."""
    fields, ups = instance.local_fields(states).ravel(), states.ravel() > 0
    distinct, bins = np.unique(fields.round(9), return_inverse=True)
    if len(distinct) > MOST_FIELDS:
        edges = np.quantile(fields, np.linspace(0, 1, MOST_FIELDS + 1)[1:-1])
        _, bins = np.unique(np.searchsorted(edges, fields), return_inverse=True)
    n = np.bincount(bins)
    mean = [np.bincount(bins, weights=part) / n for part in (fields, expit(2 * result["beta"] * fields))]
    line = np.linspace(fields.min(), fields.max(), 200)
    return ConditionalsSection(
        name=name,
        fields=mean[0],
        n_updates=n,
        n_ups=np.bincount(bins, weights=ups).astype(np.int64),
        probabilities=mean[1],
        table_fields=line,
        table_probabilities=expit(2 * result["beta"] * line),
        z_max=result["conditionals"]["z_max"],
    )
