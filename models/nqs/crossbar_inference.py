"""A network read by a memristor crossbar: what device, drift, bits and compensation do to the state."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...emulator.crossbar.adc import Adc
from ...emulator.crossbar.crossbar import Crossbar
from ...emulator.crossbar.dac import Dac
from ...emulator.crossbar.encoding import Encoding
from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from .hamiltonian import exact_ground_state, spins_of_states


@dataclass(frozen=True)
class AnalogRead:
    """How weights are kept and read.

    Parameters
    ----------
    device_name : str
        Device of the catalogue by name, or path of a card's file.
    after_s : float
        Time since the reference read [s].
    input_bits, adc_bits : int or None
        Converters; None for exact ones. Spins are -1 and +1, so one bit of input is exact.
    compensation : {"none", "global", "tile", "column"}
        Compensation of drift.
    n_pairs : int
        Differential pairs that a weight is the mean of.
    weight_bits : int or None
        Bits of a weight, its sign included; None for analog ones.
    """

    device_name: str = "pcm_ibm"
    after_s: float = 0.0
    input_bits: int | None = 2
    adc_bits: int | None = 8
    compensation: str = "global"
    n_pairs: int = 1
    weight_bits: int | None = None

    def tiles(self):
        """Return the tiles; TileSpec."""
        card = device(self.device_name)
        encoding = Encoding(bits=None if self.weight_bits is None else self.weight_bits - 1)
        spec = TileSpec(card, dac=Dac(self.input_bits), adc=Adc(self.adc_bits), encoding=encoding)
        voltage = min(spec.read_voltage_V, card.v_max_V)
        return replace(spec, compensation=self.compensation, read_voltage_V=voltage)


class NetworkCrossbar:
    """The weights of a network, programmed once.

    Parameters
    ----------
    rbm : SymmetricRbm
        Network that represents the state.
    states : ndarray, shape (n_states, n), int8
        Inputs of the calibration.
    read : AnalogRead
        Devices and converters.
    seed : int
        Reproduces the programming errors.
    """

    def __init__(self, rbm, states, read, seed):
        spec = read.tiles()
        inputs = states[:: max(1, len(states) // 64)].astype(np.float64)
        pairs = (
            Crossbar(rbm.weights(), spec, seed + 7919 * pair, calibration_inputs=inputs) for pair in range(read.n_pairs)
        )
        self.crossbars = [one.at(one.t_s + read.after_s) for one in pairs]

    def products(self, states, seed):
        """Return weights times states, a fresh read; ndarray, shape (n_states, alpha n), float64."""
        inputs = states.astype(np.float64)
        reads = [one.multiply(inputs, seed + 7919 * pair) for pair, one in enumerate(self.crossbars)]
        return np.mean(reads, axis=0)


def analog_fields(rbm, states, read, seed):
    """Return the fields of the hidden units as the crossbar gives them; ndarray, shape (n_states, alpha n), float64.

    Parameters
    ----------
    rbm, states, read
        Same meaning as in `NetworkCrossbar`.
    seed : int
        Seed of programming and of reads.
    """
    return NetworkCrossbar(rbm, states, read, seed).products(states, seed + 1) + rbm.hidden_biases()


def amplitudes(theta, gamma):
    """Return the normalised amplitudes that fields of the hidden units give; ndarray, shape (n_states,), float64."""
    size = np.abs(theta)
    logs = gamma * (size + np.log1p(np.exp(-2.0 * size))).sum(axis=1)
    psi = np.exp(logs - logs.max())
    return psi / np.linalg.norm(psi)


@dataclass(frozen=True)
class AnalogState:
    """What the crossbar's state is worth on the exact one.

    Parameters
    ----------
    overlap : float
        Squared overlap with the exact ground state [1].
    overlap_of_network : float
        That of the network computed exactly.
    energy, energy_of_network, exact_energy : float
        Per site, in the model's units: of the crossbar's amplitudes, of the network, of the ground state.
    """

    overlap: float
    overlap_of_network: float
    energy: float
    energy_of_network: float
    exact_energy: float

    @property
    def relative_error(self):
        """Energy error of the crossbar's amplitudes over the exact energy [1]."""
        return 1.0 - self.energy / self.exact_energy


def analog_state(model, rbm, read, seed):
    """Return overlap and energy of the amplitudes that a crossbar gives, over all states of a small lattice.

    Parameters
    ----------
    model : Heisenberg or TransverseIsing
        At most 20 sites.
    rbm : SymmetricRbm
        The network.
    read : AnalogRead
        Devices and converters.
    seed : int
        Seed of programming and reads.

    Returns
    -------
    AnalogState
    """
    states, matrix = spins_of_states(model), model.matrix()
    exact_energy, ground = exact_ground_state(model)
    n = model.lattice.n_sites
    found = {}
    for name, theta in (
        ("network", states @ rbm.weights() + rbm.hidden_biases()),
        ("analog", analog_fields(rbm, states, read, seed)),
    ):
        psi = amplitudes(theta, rbm.gamma)
        found[name] = float((psi @ ground) ** 2), float(psi @ (matrix @ psi)) / n
    return AnalogState(
        found["analog"][0], found["network"][0], found["analog"][1], found["network"][1], exact_energy / n
    )
