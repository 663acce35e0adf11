"""Evaluation of a point of a design space: the kinds of problem, what each takes, or a function of one's own."""

from __future__ import annotations

import importlib
import sys

from ....emulator.spec.errors import InputError
from .crossbar import on_crossbar
from .fabric import p_computer
from .networks import digits_on_crossbar, network_on_crossbar
from .search import search_point


def evaluate(problem, point, seed, folder="."):
    """Return what a point is worth; dict of str to float.

    Parameters
    ----------
    problem : dict
        ``kind`` and what its evaluator takes.
    point : dict
        Values of the parameters.
    seed : int
        Seed of machines and draws.
    folder : str
        Folder of the design, where functions of one's own lie.
    """
    if problem["kind"] == "python":
        return _function(problem["function"], folder)(point, seed)
    return EVALUATORS[problem["kind"]][0](problem, point, seed)


def check_problem(design):
    """Refuse a design whose problem is unknown, or has parameters that its evaluator does not take."""
    problem = design.problem
    kind = problem.get("kind")
    if kind == "python":
        _function(problem.get("function"), design.folder)
        return
    if kind not in EVALUATORS:
        raise InputError(f"problem.kind must be one of {', '.join([*EVALUATORS, 'python'])}, not {kind!r}")
    _, entries, parameters = EVALUATORS[kind]
    strange = sorted(set(problem) - {"kind"} - set(entries))
    if strange:
        raise InputError(f"[problem] of kind {kind} must have entries among {', '.join(entries)}, not {strange[0]}")
    missing = [entry for entry, needed in entries.items() if needed and entry not in problem]
    if missing:
        raise InputError(f"[problem] of kind {kind} must have {missing[0]}")
    for axis in design.parameters:
        if axis.name not in parameters:
            raise InputError(f"parameters of kind {kind} must be among {', '.join(parameters)}, not {axis.name}")


def _function(name, folder):
    module, _, function = str(name).partition(":")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"problem.function must be MODULE:NAME beside the design, not {name!r}: {error}") from None


# Kind -> evaluator; entries of the problem, and whether they must be there; parameters that it takes.
EVALUATORS = {
    "sampler": (
        on_crossbar,
        {"instance": True, "beta": False, "machines": False},
        ("device", "weight_bits", "adc_bits", "age_s", "compensation", "amplifier_noise", "tile", "pairs", "scaling"),
    ),
    "p-computer": (
        p_computer,
        {"instance": True, "beta": False, "luts": False, "family": False},
        ("weight_bits", "field_int", "field_frac", "compare_bits", "random", "colors", "dense"),
    ),
    "search": (
        search_point,
        {"instance": True, "energy": True, "on": False, "runs": False},
        ("on", "sweeps", "betas", "cold", "weight_bits", "field_int", "field_frac", "compare_bits", "random", "colors"),
    ),
    "network": (
        network_on_crossbar,
        {"sites": False, "machines": False},
        ("device", "weight_bits", "adc_bits", "age_s", "compensation", "pairs"),
    ),
    "digits": (digits_on_crossbar, {"machines": False}, ("network", "weight_bits", "noise", "adc_bits")),
}
