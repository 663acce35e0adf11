"""Rows of the workload on flaws one at a time, with and without noise-aware training; accuracy against joules."""

from __future__ import annotations

from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from ..workload_row import fact, row
from .hardware import DigitMachine, mean_accuracy, noisy_tiles, picture_cost
from .own_networks import own_network

SWEEPS = {
    "bits of a weight, 2 % noise": tuple((bits, noisy_tiles(bits, 0.02)) for bits in (2, 3, 4, 5, 6, 8)),
    "noise of a weight, % of the largest, 6 bits": tuple(
        (percent, noisy_tiles(6, percent / 100)) for percent in (1.0, 2.0, 5.0, 10.0, 20.0)
    ),
    "bits of a converter, 6 bits, 2 % noise": tuple((bits, noisy_tiles(6, 0.02, bits)) for bits in (2, 3, 4, 5, 6, 8)),
}
AGES_H = (0.0, 1 / 60, 1.0, 24.0, 720.0)
N_MACHINES, ADC_BITS = 3, (2, 3, 4, 5, 6, 8)
NETWORKS = ("cnn", "cnn-noise-aware")


def sweep_rows(train, test, seed):
    """Return accuracies against the size of each flaw, of a network trained plainly and of one trained with noise."""
    rows, found = [], {}
    for name in NETWORKS:
        network = own_network(name)
        for flaw, points in SWEEPS.items():
            for place, (size, tiles) in enumerate(points):
                share, error = mean_accuracy(network, tiles, (train, test), seed, N_MACHINES)
                found[name, flaw, size] = share
                point = {"flaw": flaw, "size": size, "place": place, "network": name}
                rows.append(fact(f"{name}, {flaw}: {size:g}: accuracy", share) | point | {"se": error})
        rows += _age_rows(name, network, (train, test), seed)
    flaw = "noise of a weight, % of the largest, 6 bits"
    gain = found[NETWORKS[1], flaw, 10.0] - found[NETWORKS[0], flaw, 10.0]
    rows.append(row("points that noise-aware training wins at 10 % noise", 100 * gain, "> 0", "target", gain > 0))
    return rows


def _age_rows(name, network, sets, seed):
    train, test = sets
    machine = DigitMachine(network, TileSpec(device("pcm_ibm"), compensation="none"), train, seed)
    rows = []
    for place, age_h in enumerate(AGES_H):
        share = machine.at(machine.crossbars[0].t_s + 3600.0 * age_h).accuracy(test, seed)
        point = {"flaw": "hours of drift, pcm_ibm, not compensated", "size": age_h, "place": place, "network": name}
        rows.append(fact(f"{name}, pcm_ibm, {age_h:.2g} h, not compensated: accuracy", share) | point | {"se": 0.0})
    return rows


def pareto_rows(train, test, seed):
    """Return accuracy against joules of a picture, by bits of the converter, of a convolutional and a dense network."""
    rows = []
    for name in ("cnn-noise-aware", "mlp"):
        network = own_network(name)
        for bits in ADC_BITS:
            tiles = noisy_tiles(6, 0.02, bits)
            share, error = mean_accuracy(network, tiles, (train, test), seed, N_MACHINES)
            cost = picture_cost(DigitMachine(network, tiles, train, seed), test, bits)
            label = f"{name}, {bits}-bit converters, {cost.joules:.2e} J a picture: accuracy"
            point = {"joules": cost.joules, "network": name, "bits": bits}
            rows.append(fact(label, share, "cells and converters, 6-bit weights, 2 % noise") | point | {"se": error})
    best = {id(one) for one in rows if not any(is_better(other, one) for other in rows)}
    return [one | {"is_best": id(one) in best} for one in rows]


def is_better(one, other):
    """Return whether a point is no worse in accuracy and in joules than another, and better in one of them."""
    gain, saving = one["value"] - other["value"], other["joules"] - one["joules"]
    return gain >= 0 and saving >= 0 and (gain > 0 or saving > 0)
