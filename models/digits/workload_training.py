"""Rows of the workload that train networks (extra ``models``): medians, shuffled labels, synthetic house numbers."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.seeds import child_seed
from ..workload_row import fact, measured, row, share_error
from .hardware import mean_accuracy, noisy_tiles
from .network import NetworkSpec, confusion
from .own_networks import trained
from .synthetic import house_numbers
from .targets import FLOAT_LEAST
from .training import DigitPlan, train

N_SEEDS, N_SHUFFLES = 5, 12
HOUSES = (6000, 1000)  # pictures for training and test
HOUSE_SPEC, HOUSE_PLAN = NetworkSpec("cnn", 32, (16, 32, 32), 64), DigitPlan(12, 64, 2e-3)


def training_rows(train_set, test, seed):
    """Return medians over trainings, what is learnt of shuffled labels, and accuracies on synthetic house numbers."""
    return median_rows(train_set, test, seed) + [shuffled_row(train_set, test, seed)] + house_rows(seed)


def median_rows(train_set, test, seed):
    """Return medians of trainings, with the curves of the first and its confusion of digits."""
    rows = []
    for name in ("cnn", "mlp"):
        made = [trained(name, child_seed(seed, "training", k), train_set) for k in range(N_SEEDS)]
        shares = [network.accuracy(test) for network, _ in made]
        value = float(np.median(shares))
        label = f"{name}, median accuracy of {N_SEEDS} trainings ({min(shares):.3f} ... {max(shares):.3f})"
        curve = {"network": name, "losses": [one["loss"] for one in made[0][1]]}
        table = confusion(made[0][0].logits(test.pixels), test).tolist()
        rows.append(
            row(label, value, f">= {FLOAT_LEAST}", "target", value >= FLOAT_LEAST) | curve | {"confusion": table}
        )
    return rows


def shuffled_row(train_set, test, seed):
    """Return the mean accuracy of networks whose training labels were shuffled: chance, or something leaks.

    Pictures of one digit look alike and get one answer, so single accuracies spread more than 450 guesses would.
    """
    seeds = [child_seed(seed, "shuffle", k) for k in range(N_SHUFFLES)]
    shares = [trained("mlp", one, train_set.relabelled(one))[0].accuracy(test) for one in seeds]
    error = float(np.std(shares, ddof=1) / np.sqrt(N_SHUFFLES))
    return measured(
        f"mlp trained on {N_SHUFFLES} shuffles of the labels: mean accuracy", np.mean(shares), 0.1, error, "chance"
    )


def house_rows(seed):
    """Return accuracies on synthetic house numbers, in floating point and on coarse and noisy crossbars."""
    train_set, test = house_numbers(HOUSES[0], seed), house_numbers(HOUSES[1], child_seed(seed, "held out"))
    network, _ = train(HOUSE_SPEC, train_set, HOUSE_PLAN, seed)
    share = network.accuracy(test)
    name = f"synthetic house numbers, {HOUSES[0]} pictures, cnn"
    rows = [fact(f"{name}: accuracy on {HOUSES[1]} others", share) | {"se": share_error(share, HOUSES[1])}]
    for label, tiles in (
        ("8-bit weights and 1 % noise", noisy_tiles(8, 0.01)),
        ("6-bit weights and 2 % noise", noisy_tiles(6, 0.02)),
    ):
        found, error = mean_accuracy(network, tiles, (train_set, test), seed, 2)
        rows.append(fact(f"{name}, {label}: accuracy", found) | {"se": error})
    return rows
