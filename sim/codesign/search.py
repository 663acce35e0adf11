"""Points of a design space: every combination, spread evenly, or bred for the front by a kept library."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.stats import qmc

from ...emulator.spec.errors import InputError
from .design import MAX_POINTS

POPULATION = 24  # points of one generation


def grid(design):
    """Return every combination, the last parameter fastest; list of dict."""
    axes = []
    for axis in design.parameters:
        axes.append(axis.choices or tuple(range(int(axis.low), int(axis.high) + 1)))
    n_points = int(np.prod([float(len(axis)) for axis in axes]))
    if n_points > MAX_POINTS:
        raise InputError(f"Grid must have at most {MAX_POINTS} points, not {n_points}; choose latin-hypercube")
    names = [axis.name for axis in design.parameters]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*axes)]


def latin_hypercube(design):
    """Return points that fill every axis evenly, each once; list of dict."""
    shares = qmc.LatinHypercube(len(design.parameters), rng=design.seed).random(design.n_points)
    found = {}
    for row in shares:
        point = {axis.name: axis.at(share) for axis, share in zip(design.parameters, row, strict=True)}
        found[design.key(point)] = point
    return list(found.values())


def generations(design):
    """Yield generations of points and take what was found of each; NSGA-II by Optuna (extra ``explore``).

    A generator: ``send`` it a dict of key to objectives, in the design's order, None where a point failed. The same
    seed and the same answers give the same points, so that a search goes on from its store.
    """
    try:
        import optuna
    except ImportError:
        raise InputError(
            "Search nsga2 must have Optuna, which is not installed: pip install 'spinchip[explore]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=design.seed)
    senses = ["minimize" if sense == "min" else "maximize" for sense in design.objectives.values()]
    study = optuna.create_study(directions=senses, sampler=sampler)
    left = design.n_points
    while left > 0:
        trials = [study.ask() for _ in range(min(POPULATION, left))]
        points = [{axis.name: _suggested(trial, axis) for axis in design.parameters} for trial in trials]
        left -= len(trials)
        answers = yield points
        for trial, point in zip(trials, points, strict=True):
            values = answers.get(design.key(point))
            state = optuna.trial.TrialState.FAIL if values is None else None
            study.tell(trial, values, state=state)


def _suggested(trial, axis):
    if axis.choices:
        return axis.choices[trial.suggest_int(axis.name, 0, len(axis.choices) - 1)]
    if axis.kind == "integer":
        return trial.suggest_int(axis.name, int(axis.low), int(axis.high))
    return trial.suggest_float(axis.name, axis.low, axis.high, log=axis.kind == "log")
