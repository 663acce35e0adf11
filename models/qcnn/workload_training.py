"""Rows of the workload on trainings: medians over seeds on held-out excitations, and the printed listing."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.seeds import child_seed
from ..digits.images import bundled
from ..digits.synthetic import house_numbers
from ..workload_row import fact, row, share_error
from .data import held_out
from .pixel_classifier import logistic_accuracy, readout_accuracy, train_readout
from .pixels import pixel_task
from .targets import ACCURACIES, N_HELD_OUT, N_SEEDS
from .training import QcnnPlan, accuracy, train

N_HOUSES, N_READOUTS = 6000, 9
LISTING = QcnnPlan(0.002, 20)  # rate and epochs of the paper


def short_rows(seed):
    """Return the median of three trainings of one filter."""
    return [_row("one filter", seed, 3, ACCURACIES["one filter"][0] - 0.02)]


def median_rows(seed):
    """Return medians of 20 trainings of every model, and what the listing as printed gives."""
    rows = [_row(model, seed, N_SEEDS, least) for model, (least, _) in ACCURACIES.items()]
    found = _accuracies("literal listing", LISTING, seed, 6)
    name = "listing as printed, trained circuit in place of the cluster state: median accuracy of 6"
    return [*rows, fact(name, float(np.median(found)), "paper: 0.875 on 48 points")]


def _row(model, seed, n_seeds, least):
    found = _accuracies(model, QcnnPlan(), seed, n_seeds)
    span = f"{found.min():.3f} ... {found.max():.3f}"
    name = f"{model}: median accuracy of {n_seeds} trainings on {N_HELD_OUT} excitations ({span})"
    value = float(np.median(found))
    return row(name, value, f">= {least:g}", ACCURACIES[model][1] + " on 48 points", value >= least)


def _accuracies(model, plan, seed, n_seeds):
    points = held_out(N_HELD_OUT, seed)
    return np.array(
        [accuracy(model, train(model, plan, child_seed(seed, "training", k)), points) for k in range(n_seeds)]
    )


def pixel_rows(seed):
    """Return the 4 x 4 pixel classifier on two sets, beside the larger class and logistic regression."""
    rows = []
    for images in (bundled(), house_numbers(N_HOUSES, seed)):
        task = pixel_task(images)
        train_set, test = task.divided(0.25, seed)
        name = f"3 or 6 in 4 x 4 pixels, {images.name}"
        counts = f"{task.n_unique} different pictures, {task.n_contradictory} of both digits left out"
        share = max((test[1] > 0).mean(), (test[1] < 0).mean())
        rows.append(fact(f"{name}: share of the larger class", float(share), counts))
        found = [
            readout_accuracy(train_readout(*train_set, child_seed(seed, "readout", k)), *test)
            for k in range(N_READOUTS)
        ]
        error = share_error(share, len(test[1]))
        label = f"{name}: readout of one qubit, median accuracy of {N_READOUTS} trainings on {len(test[1])} pictures"
        value = float(np.median(found))
        text = "share of the larger class, by 2 standard errors"
        rows.append(row(label, value, f"> {share + 2 * error:.3f}", text, value > share + 2 * error, error))
        for is_paired, what in ((False, "pixels"), (True, "products of two pixels")):
            label = f"{name}: logistic regression on {what}"
            rows.append(fact(label, logistic_accuracy(train_set, test, is_paired)))
    return rows
