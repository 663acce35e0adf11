"""Evaluation of a point of an analog p-computer: junctions behind a crossbar."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ....emulator.crossbar.adc import Adc
from ....emulator.crossbar.dac import Dac
from ....emulator.crossbar.encoding import Encoding
from ....emulator.crossbar.heat import heat_J
from ....emulator.crossbar.tile_spec import TileSpec
from ....emulator.devices.catalogue import device
from ....emulator.instances.resolve import resolve
from ....emulator.ledger.converters import walden_price
from ....emulator.oracle.enumeration import boltzmann_law
from ....emulator.oracle.law_distance import total_variation
from ....emulator.oracle.states import energies_of_states, state_indices
from ....emulator.pbits.analog_machine import CrossbarSampler
from ....emulator.spec.schedule import Recording, Schedule
from ....emulator.spec.seeds import child_seed
from ..projections.machines import PBIT_J

READ_S = 100e-9  # a column's current flows that long
N_CHAINS, N_SWEEPS, BURN = 64, 3000, 200


@lru_cache(maxsize=4)
def _model(name, beta):
    """Return an instance, its states' energies and its distribution; cached, as many points of it are evaluated."""
    instance = resolve(name)
    energies = energies_of_states(instance.couplings.toarray(), instance.biases)
    return instance, energies, boltzmann_law(instance, beta)


def on_crossbar(problem, point, seed):
    """Return errors of the distribution of junctions behind a crossbar, and joules of a sweep.

    ``tv`` is of drawn states and has a floor, ``tv_floor``, that as many independent draws of the right distribution
    would have.
    """
    instance, energies, law = _model(problem["instance"], problem.get("beta", 1.0))
    n, beta = instance.n_spins, problem.get("beta", 1.0)
    bits, adc_bits = point.get("weight_bits"), point.get("adc_bits")
    card, side = device(point.get("device", "ideal")), point.get("tile", 256)
    encoding = Encoding(bits=None if bits is None else bits - 1, n_pairs=point.get("pairs", 1))
    tile = TileSpec(
        card, side, side, dac=Dac(1), adc=Adc(adc_bits), encoding=encoding,
        compensation=point.get("compensation", "none"), scaling=point.get("scaling", "matrix"),
    )  # fmt: skip
    distances, errors, joules = [], [], []
    for machine in range(problem.get("machines", 3)):
        t_s = card.t0_s + point.get("age_s", 0.0)
        noise = point.get("amplifier_noise", 0.0)
        own = child_seed(seed, "machine", machine)
        sampler = CrossbarSampler(tile, t_s=t_s, amplifier_noise=noise, device_seed=own)
        schedule = Schedule.constant(beta, BURN + N_SWEEPS)
        drawn = sampler.sample(instance, schedule, N_CHAINS, own, Recording(BURN, 1))
        counts = np.bincount(state_indices(drawn.spins.reshape(-1, n)), minlength=1 << n)
        share = counts / counts.sum()
        distances.append(total_variation(share, law))
        errors.append(abs(share @ energies - law @ energies) / n)
        joules.append(_sweep_J(sampler.crossbar(instance), drawn.spins[:4, :16].reshape(-1, n), adc_bits, side))
    floor = float(np.sqrt(law * (1.0 - law) / (2.0 * np.pi * N_CHAINS * N_SWEEPS)).sum())
    values = {"tv": distances, "energy_error": errors, "joules": joules}
    return {name: float(np.mean(found)) for name, found in values.items()} | {
        "tv_se": float(np.std(distances, ddof=1) / np.sqrt(len(distances))) if len(distances) > 1 else 0.0,
        "tv_floor": floor,
    }


def _sweep_J(crossbar, spins, adc_bits, side):
    """Return the energy of one sweep: each p-bit reads one column, converts what every tile adds, and flips [J]."""
    rows = np.hstack([spins, np.ones((len(spins), 1))]).astype(np.float64)
    n = spins.shape[1]
    cells = heat_J(crossbar, rows, READ_S) / len(rows)  # all columns once, which a sweep reads one by one
    conversions = -(-(n + 1) // side) * (walden_price(adc_bits).best_J if adc_bits else 0.0)
    return cells + n * (conversions + PBIT_J.best)
