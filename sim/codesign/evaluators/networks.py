"""Evaluation of a point of a network read by crossbars: a published quantum state, or a shipped digit network."""

from __future__ import annotations

import numpy as np

from ....emulator.crossbar.heat import heat_J
from ....emulator.ledger.converters import walden_price
from ....emulator.spec.errors import InputError
from ....emulator.spec.seeds import child_seed
from .crossbar import READ_S


def network_on_crossbar(problem, point, seed):
    """Return errors of the state of a published network read by a crossbar, and joules of reading one state."""
    from ....models.nqs.crossbar_inference import AnalogRead, NetworkCrossbar, analog_state
    from ....models.nqs.hamiltonian import Heisenberg
    from ....models.nqs.lattice import Lattice
    from ....models.nqs.rbm import published_rbm

    n_sites = problem.get("sites", 16)
    if n_sites != 16:
        raise InputError(f"Network must be of 16 sites, whose states can be enumerated, not of {n_sites!r}")
    rbm, model = published_rbm(n_sites, 2), Heisenberg(Lattice((4, 4)))
    adc_bits = point.get("adc_bits")
    read = AnalogRead(
        point.get("device", "ideal"), point.get("age_s", 0.0), 2, adc_bits, point.get("compensation", "global"),
        point.get("pairs", 1), point.get("weight_bits"),
    )  # fmt: skip
    found = [analog_state(model, rbm, read, child_seed(seed, "machine", k)) for k in range(problem.get("machines", 3))]
    states = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (64, n_sites))
    machine = NetworkCrossbar(rbm, states, read, seed)
    heat = sum(heat_J(one, states.astype(np.float64), READ_S) for one in machine.crossbars) / len(states)
    n_columns = rbm.weights().shape[1] * read.n_pairs
    return {
        "energy_error": float(np.mean([one.relative_error for one in found])),
        "overlap": float(np.mean([one.overlap for one in found])),
        "joules": heat + (n_columns * walden_price(adc_bits).best_J if adc_bits else 0.0),
    }


def digits_on_crossbar(problem, point, seed):
    """Return accuracy of a shipped digit network on crossbars, and joules of a picture."""
    from ....models.digits.hardware import DigitMachine, noisy_tiles, picture_cost
    from ....models.digits.images import bundled, train_and_test
    from ....models.digits.own_networks import own_network

    train, test = train_and_test(bundled())
    adc_bits = point.get("adc_bits")
    tiles = noisy_tiles(point.get("weight_bits"), point.get("noise", 0.0), adc_bits)
    network = own_network(point.get("network", "mlp"))
    machines = [
        DigitMachine(network, tiles, train, child_seed(seed, "machine", k)) for k in range(problem.get("machines", 3))
    ]
    cost = picture_cost(machines[0], test, adc_bits or 8)
    return {"accuracy": float(np.mean([one.accuracy(test, seed) for one in machines])), "joules": cost.joules}
