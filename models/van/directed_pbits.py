"""The network on hardware: one p-bit draw and one row read a spin, with the noise that these have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ...emulator.devices.catalogue import device
from ...emulator.spec.errors import InputError


@dataclass(frozen=True)
class DirectedHardware:
    """Cells, reads and p-bits.

    Parameters
    ----------
    weight_bits : int or None
        Levels of a weight: 2^bits - 1 equal ones between plus and minus the largest; None for exact weights.
    programming_noise : float
        Standard deviation of a weight's error over the largest weight, drawn once for a machine.
    device_name : str or None
        Memristor that keeps the weights as differential pairs; None for none.
    after_s : float
        Time since the reference read [s].
    read_noise : float
        Standard deviation that every input of a p-bit has anew [1].
    slope : float
        Gain of the p-bits; 1 is right.
    """

    weight_bits: int | None = None
    device_name: str | None = None
    after_s: float = 0.0
    read_noise: float = 0.0
    slope: float = 1.0
    programming_noise: float = 0.0

    def __post_init__(self):
        if self.weight_bits is not None and not 1 <= self.weight_bits <= 16:
            raise InputError(f"Bits of a weight must be 1 to 16, not {self.weight_bits!r}")
        if not min(self.read_noise, self.programming_noise) >= 0 or not self.slope > 0:
            raise InputError("Noise must be 0 or more, and the slope above 0")

    def weights(self, network, seed):
        """Return the weights that the hardware has; ndarray, shape (n, n), float64, strictly lower triangular."""
        weights = network.weights
        largest = np.abs(weights).max()
        if self.weight_bits == 1:
            size = np.abs(weights).sum() / network.n_parameters
            weights = size * np.tril(np.where(weights >= 0, 1.0, -1.0), -1)
        elif self.weight_bits is not None:
            step = 2.0 * largest / (2**self.weight_bits - 2)
            weights = step * np.rint(weights / step)
        if self.programming_noise:
            errors = np.random.default_rng([seed, 2]).standard_normal(weights.shape)
            weights = weights + self.programming_noise * largest * np.tril(errors, -1)
        if self.device_name is None:
            return self.slope * weights
        card, rng = device(self.device_name), np.random.default_rng(seed)
        span = card.g_max_S - card.g_min_S
        found = []
        for part in (np.maximum(weights, 0.0), np.maximum(-weights, 0.0)):
            cells = card.program(card.g_min_S + span * part / largest, rng)
            found.append(card.conductance_S(cells, card.t0_s + self.after_s))
        return self.slope * np.tril((found[0] - found[1]) * largest / span, -1)


@dataclass(frozen=True, eq=False)
class DirectedSamples:
    """States that directed p-bits drew, and two log-probabilities of them.

    Parameters
    ----------
    spins : ndarray, shape (n_states, n), int8
        States -1/+1, one a row.
    realised : ndarray, shape (n_states,), float64
        ln of the probability with the inputs that the p-bits really had: exact for reweighting, whatever the noise is.
    ideal : ndarray, shape (n_states,), float64
        ln q of the network on paper: biased where the hardware is not it.
    cycles : int
        Clocks of one state: one a spin.
    fields : ndarray, shape (n_states, n), float64
        Inputs that the p-bits really had.
    """

    spins: np.ndarray
    realised: np.ndarray
    ideal: np.ndarray
    cycles: int
    fields: np.ndarray


def draw_directed(network, hardware, n_states, seed):
    """Draw independent states on hardware, spin by spin.

    Parameters
    ----------
    network : Fvsbn
        Network that was programmed.
    hardware : DirectedHardware
        Hardware that it was programmed into.
    n_states : int
        Number of states.
    seed : int
        Seed of the machine (programming) and of the draws.

    Returns
    -------
    DirectedSamples
    """
    weights, rng = hardware.weights(network, seed), np.random.default_rng([seed, 1])
    n = network.n_spins
    spins, fields = np.empty((n_states, n)), np.zeros((n_states, n))
    realised, seen = np.zeros(n_states), np.empty((n_states, n))
    for i in range(n):
        field = seen[:, i] = fields[:, i] + hardware.slope * hardware.read_noise * rng.standard_normal(n_states)
        spins[:, i] = np.where(rng.random(n_states) < expit(field), 1.0, -1.0)
        realised -= np.logaddexp(0.0, -spins[:, i] * field)
        fields[:, i + 1 :] += np.outer(spins[:, i], weights[i + 1 :, i])
    states = spins.astype(np.int8)
    return DirectedSamples(states, realised, network.log_probabilities(states), n, seen)
