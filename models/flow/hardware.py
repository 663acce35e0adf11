"""A flow on hardware, without JAX: nets on crossbars, noise and acceptance by p-bits, two densities of its points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from ...emulator.crossbar.adc import Adc
from ...emulator.crossbar.crossbar import Crossbar
from ...emulator.crossbar.dac import Dac
from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from ...emulator.spec.errors import InputError
from . import flow_spec
from .flow_spec import log_prior


@dataclass(frozen=True)
class FlowHardware:
    """What the nets and the noise become.

    Parameters
    ----------
    device_name : str or None
        Memristors of the weights; None for exact ones.
    adc_bits : int or None
        Bits of every output of a crossbar.
    after_s : float
        Time since the reference read [s].
    output_noise : float
        Relative standard deviation that every output of a net has anew, besides what the devices do.
    noise_bits : int
        Bits of a uniform number that p-bits make, turned into a normal one by its inverse distribution.
    bias : float
        Probability of a p-bit being 1; 1/2 is right.
    """

    device_name: str | None = None
    adc_bits: int | None = None
    after_s: float = 0.0
    output_noise: float = 0.0
    noise_bits: int = 16
    bias: float = 0.5

    def __post_init__(self):
        if not self.output_noise >= 0 or not 0 < self.bias < 1:
            raise InputError("Output noise must be 0 or more, and the bias between 0 and 1")
        if not 1 <= self.noise_bits <= 32:
            raise InputError(f"Bits of the noise must be 1 to 32, not {self.noise_bits!r}")


@dataclass(frozen=True, eq=False)
class DrawnPoints:
    """Points with the density that drew them, as the hardware knows it and as the network on paper would have it.

    Parameters
    ----------
    x : ndarray, shape (n, d), float64
        Points, one a row.
    realised : ndarray, shape (n,), float64
        ln p with the shifts and scales that were really applied. Weights with it are exact whatever noise the nets had,
        for the noise is one more variable that was drawn, and its density drops out.
    ideal : ndarray, shape (n,), float64
        ln p of the exact network at these points.
    """

    x: np.ndarray
    realised: np.ndarray
    ideal: np.ndarray


class PlainFlow:
    """A trained flow in numpy.

    Parameters
    ----------
    spec : FlowSpec
        Shape of the network.
    params : pytree of ndarray
        Parameters of the network, as of `coupling.init`.
    hardware : FlowHardware
        Hardware that runs the nets.
    seed : int
        Reproduces the programming errors.
    """

    def __init__(self, spec, params, hardware=None, seed=0):
        self.spec, self.params, self.hardware = spec, params, hardware or FlowHardware()
        self._log_scale = np.asarray(params["log_scale"], dtype=np.float64)
        self._crossbars = None
        if self.hardware.device_name is not None:
            rng = np.random.default_rng([seed, 11])
            self._crossbars = [
                {name: [self._programmed(layer, rng) for layer in net] for name, net in coupling.items()}
                for coupling in params["couplings"]
            ]

    def _programmed(self, layer, rng):
        card = device(self.hardware.device_name)
        spec = TileSpec(card, dac=Dac(None), adc=Adc(self.hardware.adc_bits), compensation="global")
        weights = np.asarray(layer["weight"], dtype=np.float64).T
        crossbar = Crossbar(weights, spec, int(rng.integers(1 << 31)))
        return crossbar.at(crossbar.t_s + self.hardware.after_s)

    def _run(self, k, name, x, rng):
        """Return what net ``name`` of coupling k gives; ``rng`` None is the exact net."""
        layers = self.params["couplings"][k][name]
        for number, layer in enumerate(layers):
            if rng is None or self._crossbars is None:
                y = x @ np.asarray(layer["weight"], dtype=np.float64).T
            else:
                y = self._crossbars[k][name][number].multiply(x, int(rng.integers(1 << 31)))
            x = y + layer["bias"]
            if number < len(layers) - 1:
                x = np.maximum(x, 0.0)
        if rng is not None and self.hardware.output_noise:
            x = x * (1.0 + self.hardware.output_noise * rng.standard_normal(x.shape))
        return x

    def _nets(self, rng, k, x):
        shift = self._run(k, "shift", x, rng)
        is_scaled = self.spec.kind == "realnvp"
        return (np.tanh(self._run(k, "scale", x, rng)) if is_scaled else np.zeros_like(shift)), shift

    def to_x(self, z, rng=None):
        """Return points and ln |det dx/dz| as applied; with ``rng`` None by the exact nets."""
        return flow_spec.to_x(self.spec, np.asarray(z, dtype=np.float64), partial(self._nets, rng), self._log_scale)

    def to_z(self, x):
        """Return noise and ln |det dz/dx| by the exact nets."""
        return flow_spec.to_z(self.spec, np.asarray(x, dtype=np.float64), partial(self._nets, None), self._log_scale)

    def draw(self, n_points, seed):
        """Draw points on the hardware; DrawnPoints."""
        rng = np.random.default_rng([seed, 12])
        z = normal_from_pbits((n_points, self.spec.n_dims), self.hardware, rng)
        x, log_det = self.to_x(z, rng)
        back, inverse = self.to_z(x)
        return DrawnPoints(x, log_prior(z) - log_det, log_prior(back) + inverse)


def normal_from_pbits(shape, hardware, rng):
    """Return normal numbers whose uniform ones are bits of p-bits, halfway between steps; ndarray, float64."""
    total = np.zeros(shape)
    for k in range(hardware.noise_bits):
        total += (rng.random(shape) < hardware.bias) * 2.0 ** -(k + 1)
    return ndtri(total + 0.5 * 2.0**-hardware.noise_bits)


def barker(change, rng):
    """Return whether moves are accepted with probability sigmoid(-change): one draw of a p-bit of input -change / 2.

    In detailed balance like Metropolis' rule, which no p-bit has: min(1, exp(-change)) is no sigmoid.
    """
    return rng.random(np.shape(change)) * (1.0 + np.exp(np.clip(change, -700.0, 700.0))) < 1.0


def latent_walk(system, flow, z, n_steps, width, seed):
    """Walk in the noise of a flow by moves that p-bits accept, in balance with exp(-U(x)) |det dx/dz|.

    Parameters
    ----------
    system : Potential
        U, at temperature 1.
    flow : PlainFlow
        Exact or on hardware; the walk uses its exact nets, for a changing map would break detailed balance.
    z : ndarray, shape (n_walkers, d), float64
        First point of each walker.
    n_steps : int
        Number of moves of each walker.
    width : float
        Standard deviation of a move.
    seed : int
        Seed of the walk.

    Returns
    -------
    (ndarray, ndarray, float)
        Points x of every step, (n_steps, n_walkers, d), the last z, and the share of accepted moves.
    """
    rng = np.random.default_rng([seed, 13])

    def cost(noise):
        x, log_det = flow.to_x(noise)
        return x, system.energy(x) - log_det

    x, level = cost(z)
    out, n_accepted = np.empty((n_steps, *z.shape)), 0
    for step in range(n_steps):
        moved = z + width * rng.standard_normal(z.shape)
        there, cost_there = cost(moved)
        taken = barker(cost_there - level, rng)
        z, x = np.where(taken[:, None], moved, z), np.where(taken[:, None], there, x)
        level = np.where(taken, cost_there, level)
        out[step], n_accepted = x, n_accepted + int(taken.sum())
    return out, z, n_accepted / (n_steps * len(z))
