"""The junctions of a machine: which drive each p-bit's input makes, and what its comparator says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ..devices.junction.card import SmtjCard, draw_population
from ..devices.junction.readout import node_V, thresholds_V
from ..spec.errors import InputError
from ..spec.seeds import check_seed

# A junction of 10 kT, so that tanh(2 Delta x) is the whole sigmoid up to an input of 20, with an attempt time of 1 ns.
NOMINAL = SmtjCard(tau0_s=1e-9, barrier_kT=10.0, name="nominal", citation="declared: ideal read-out, no spread")


@dataclass(frozen=True, eq=False)
class JunctionBank:
    """One junction for each p-bit, driven by u = beta I through the gain that is right for the nominal junction.

    The circuit makes the drive ``card.drive_for(u / (n Delta))`` with the card's numbers: a nominal junction then has
    the mean tanh(u): exactly for n = 2 and abs(u) <= 2 Delta, to first order in u otherwise.

    Parameters
    ----------
    card : SmtjCard
        Card of the nominal junction.
    barrier_kT, tau0_s : ndarray, shape (n,), float64
        Barrier [kT] and attempt time [s] of each junction.
    scale, shift : ndarray, shape (n,), float64
        Reduced drive of each junction is ``scale u + shift`` [1].
    """

    card: SmtjCard
    barrier_kT: np.ndarray
    tau0_s: np.ndarray
    scale: np.ndarray
    shift: np.ndarray

    @classmethod
    def of_population(cls, population):
        """Return the bank of junctions that vary.

        Parameters
        ----------
        population : SmtjPopulation
            Result of `draw_population`.
        """
        card = population.card
        if card.barrier_kT == 0:
            raise InputError(
                "Barrier of a p-bit's junction must be above 0 kT, not 0.0: its drive would have no effect"
            )
        return cls(
            card,
            barrier_kT=population.barrier_kT,
            tau0_s=population.tau0_s,
            scale=population.gain / (card.gain * card.exponent * card.barrier_kT),
            shift=population.gain * (card.offset - population.offset),
        )

    @property
    def n_devices(self):
        """Junctions."""
        return self.scale.size

    @property
    def neuron_s(self):
        """Correlation time of the nominal junction without input, t_neuron [s]."""
        return float(self.card.correlation_time_s(0.0))

    def rates_Hz(self, inputs):
        """Return the rates of flips up and down.

        Parameters
        ----------
        inputs : ndarray, shape (..., n), float64
            beta I of each p-bit [1].

        Returns
        -------
        up, down : ndarray, shape (..., n), float64
            Rates of flips up and down [1/s].
        """
        x = np.asarray(inputs) * self.scale + self.shift
        up = np.exp(-self.barrier_kT * np.maximum(1.0 - x, 0.0) ** self.card.exponent) / self.tau0_s
        down = np.exp(-self.barrier_kT * np.maximum(1.0 + x, 0.0) ** self.card.exponent) / self.tau0_s
        return up, down

    def check_range(self, instance, beta):
        """Refuse a beta whose strongest input leaves the range in which the card's numbers hold.

        Raises
        ------
        InputError
            Naming the drive and the card.
        """
        largest = beta * instance.max_field
        self.card.checked_drive(self.card.drive_for(np.array([-1.0, 1.0]) * largest * self._nominal_scale))

    @property
    def _nominal_scale(self):
        return 1.0 / (self.card.exponent * self.card.barrier_kT)


def junction_bank(card, n_devices, device_seed=0):
    """Return the junctions of one machine, drawn from a card.

    Parameters
    ----------
    card : SmtjCard
        Nominal junction with its spreads.
    n_devices : int
        Number of p-bits, each of one junction.
    device_seed : int
        Which machine; apart from the seed of a run, so that the same machine can run again.
    """
    return JunctionBank.of_population(
        draw_population(card, n_devices, np.random.default_rng(check_seed(device_seed, "Device seed")))
    )


def comparator_chances(circuit):
    """Return the probability that the comparator gives +1.

    Parameters
    ----------
    circuit : JunctionCircuit
        Divider, noise, threshold and hysteresis.

    Returns
    -------
    ndarray, shape (2, 2), float64
        Entry [previous output > 0, junction > 0].
    """
    low_V, high_V = thresholds_V(circuit)
    beyond = node_V(circuit, (-1.0, 1.0))[None, :] - np.array([high_V, low_V])[:, None]
    if circuit.noise_V > 0:
        return ndtr(beyond / circuit.noise_V)
    return (beyond > 0).astype(np.float64)
