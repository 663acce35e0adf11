"""Projection of digit networks: time and energy of a picture on processors and crossbars, and what is read right."""

from __future__ import annotations

import numpy as np

from ....emulator.spec.seeds import child_seed
from ....models.digits.hardware import DigitMachine, noisy_tiles, picture_cost
from ....models.digits.images import bundled, train_and_test
from ....models.digits.network import accuracy
from ....models.digits.own_networks import own_network
from .estimate import Estimate, exact
from .machines import CORE, GPU_FLOP_S, GPU_W, Machine
from .processor_time import least_processor_s

NETWORKS = ("mlp", "cnn")
WEIGHT_BITS, NOISE, ADC_BITS, N_MACHINES = 6, 0.02, 8, 3
WORTH = 0.5  # a picture has no memory


def digit_machines(seed):
    """Return the machines that read a picture by the shipped networks; list of Machine.

    Parameters
    ----------
    seed : int
        Reproduces the programming errors.
    """
    train, test = train_and_test(bundled())
    return [machine for name in NETWORKS for machine in _machines_of(name, train, test, seed)]


def _machines_of(name, train, test, seed):
    network = own_network(name)
    right = accuracy(network.logits(test.pixels), test)
    one = exact(1.0, "measured", "one picture")
    operations = 2.0 * sum(n * w.size for n, w in zip(network.spec.vectors(), network.weights, strict=True))
    tiles = noisy_tiles(WEIGHT_BITS, NOISE, ADC_BITS)
    machines = [DigitMachine(network, tiles, train, child_seed(seed, "machine", k)) for k in range(N_MACHINES)]
    analog = float(np.mean([machine.accuracy(test, seed) for machine in machines]))
    cost = picture_cost(machines[0], test, ADC_BITS)
    spent = least_processor_s(lambda: network.logits(test.pixels))
    core_s = exact(spent / len(test), "measured", "one core here, pictures in batches")
    picture_s = exact(cost.seconds, "simulated", f"traced cores of HERMES, {cost.n_tiles} tiles, layer after layer")
    source = f"{cost.n_products} whole products at the traced price of HERMES"
    joules = Estimate(*cost.hermes_J, "simulated", source)
    digital = f"{right:.3f} of {len(test)} pictures right"
    flaws = f"{analog:.3f} right with {WEIGHT_BITS}-bit weights, {NOISE:.0%} noise and {ADC_BITS}-bit converters"
    return [
        Machine(f"{name}, one core", one, core_s, WORTH, watts=CORE, note=digital),
        Machine(f"{name}, GPU", one, GPU_FLOP_S.scaled(operations), WORTH, watts=GPU_W, note=digital),
        Machine(f"{name}, crossbars", one, picture_s, WORTH, step_J=joules, note=flaws),
    ]
