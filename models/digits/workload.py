"""Digits as a workload: shipped networks in floating point, on flawed crossbars, with p-bits, and what it costs."""

from __future__ import annotations

import time

import numpy as np

from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from ...emulator.ledger.processor import CORE_SOURCE, core_price
from ...emulator.spec.errors import InputError
from ..workload_row import below, fact, row, share_error
from .hardware import DigitMachine, mean_accuracy, noisy_tiles, pbit_logits, picture_cost
from .images import bundled, train_and_test
from .network import accuracy
from .own_networks import own_network
from .targets import FLOAT_LEAST, HARDWARE_LEAST, N_MACHINES

SEED = 1
AFTER_S = {"fresh": 0.0, "an hour later": 3600.0, "22 h later": 80_000.0}
DEVICES = ("pcm_ibm", "rram_cmo")
PASSES = (1, 4, 16, 64)


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Also trainings anew (extra ``models``), every flaw swept with and without noise-aware training, synthetic house
        numbers, and accuracy against joules: minutes.
    seed : int
        Seed of machines and trainings.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    train, test = train_and_test(bundled())
    rows = float_rows(test) + machine_rows(train, test, seed) + pbit_rows(test, seed) + cost_rows(train, test, seed)
    if not full:
        return rows
    try:
        from .workload_training import training_rows
    except ImportError as error:
        raise InputError(f"The whole table must have JAX, not {error}: pip install 'spinchip[models]'") from None
    from .workload_sweeps import pareto_rows, sweep_rows

    return rows + sweep_rows(train, test, seed) + pareto_rows(train, test, seed) + training_rows(train, test, seed)


def float_rows(test):
    """Return accuracies of shipped networks in floating point, on pictures that they have not seen."""
    rows = []
    for name in ("cnn", "mlp"):
        found = own_network(name).accuracy(test)
        label = f"{name}, {len(test)} held-out optical digits: accuracy"
        rows.append(
            row(label, found, f">= {FLOAT_LEAST}", "target", found >= FLOAT_LEAST, share_error(found, len(test)))
        )
    return rows


def machine_rows(train, test, seed):
    """Return accuracies on crossbars: without flaws, coarse and noisy, and of published devices as they age."""
    rows = []
    for name in ("cnn", "mlp"):
        network = own_network(name)
        off = np.abs(
            DigitMachine(network, noisy_tiles(), train, seed).logits(test.pixels) - network.logits(test.pixels)
        )
        rows.append(below(f"{name}, crossbars without flaws: largest distance of a logit from float", off.max(), 1e-6))
        found, error = mean_accuracy(network, noisy_tiles(6, 0.02), (train, test), seed)
        label = f"{name}, 6-bit weights and 2 % noise, {N_MACHINES} machines: accuracy"
        rows.append(row(label, found, f">= {HARDWARE_LEAST}", "target", found >= HARDWARE_LEAST, error))
    for name in DEVICES:
        machine = DigitMachine(own_network("cnn"), TileSpec(device(name), compensation="global"), train, seed)
        for when, after_s in AFTER_S.items():
            found = machine.at(machine.crossbars[0].t_s + after_s).accuracy(test, seed)
            label = f"cnn on {name}, {when}, drift compensated: accuracy"
            rows.append(fact(label, found) | {"se": share_error(found, len(test))})
    return rows


def pbit_rows(test, seed):
    """Return accuracies when p-bits draw every hidden unit, against the number of passes that are averaged."""
    network = own_network("mlp-pbits")
    logits = pbit_logits(network, test.pixels, PASSES[-1], seed)
    rows = [fact("mlp with sigmoids, exact activations: accuracy", network.accuracy(test))]
    for n in PASSES:
        found = accuracy(logits[n - 1], test)
        label = f"mlp with p-bits as hidden units, {n} pass{'es' * (n > 1)}: accuracy"
        rows.append(fact(label, found) | {"se": share_error(found, len(test)), "passes": n})
    return rows


def cost_rows(train, test, seed):
    """Return tiles, products, time and joules of a picture on crossbars, beside one processor core."""
    rows = []
    for name in ("cnn", "mlp"):
        network = own_network(name)
        machine = DigitMachine(network, noisy_tiles(6, 0.02, 8), train, seed)
        cost = picture_cost(machine, test)
        network.logits(test.pixels[:50])
        started = time.process_time()
        for _ in range(4):
            network.logits(test.pixels)
        core_s = (time.process_time() - started) / (4 * len(test))
        used = f"{100 * machine.utilisation:.2g} % of their crossings used"
        rows += [
            fact(f"{name}, tiles of 256 x 256 ({used})", float(cost.n_tiles), "counted"),
            fact(f"{name}, products of a picture", float(cost.n_products), "counted"),
            fact(f"{name}, seconds of a picture, layer after layer", cost.seconds, "traced, HERMES in one phase"),
            fact(f"{name}, joules of a picture, whole products of HERMES", cost.hermes_J[1], "traced and priced"),
            fact(
                f"{name}, joules of a picture, cells and 8-bit converters of used columns alone",
                cost.joules,
                "heat of the cells computed, converters by Walden's figure of merit; no drivers, no digital part",
            ),
            fact(f"{name}, seconds of a picture, one core, numpy", core_s),
            fact(f"{name}, joules of a picture, one core", core_price(core_s).best_J, CORE_SOURCE),
        ]
    return rows
