"""A digit network on hardware: matrices on crossbars, activations drawn by p-bits; what a picture costs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np

from ...emulator.crossbar.adc import Adc
from ...emulator.crossbar.crossbar import Crossbar
from ...emulator.crossbar.encoding import Encoding
from ...emulator.crossbar.heat import heat_J
from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.memristor.ideal import CARD as IDEAL
from ...emulator.devices.memristor.programming_error import GaussianError
from ...emulator.devices.memristor.state_functions import Polynomial
from ...emulator.ledger.converters import walden_price
from ...emulator.ledger.hermes import hermes
from ...emulator.spec.errors import InputError
from ...emulator.spec.seeds import child_seed
from .network import accuracy, forward, in_parts
from .targets import N_MACHINES

N_CALIBRATION = 32  # pictures whose vectors set the converters' range
N_HEAT = 16  # pictures whose cells' heat is computed
READ_S = 100e-9  # of one product, as ISAAC's cycle and within the synapses' 4 ... 100 ns


class DigitMachine:
    """A network whose matrices are crossbars; biases, activations and maxima are digital.

    Parameters
    ----------
    network : Network
        Network to program.
    tiles : TileSpec
        Parameters of the crossbar tiles.
    images : Images
        Images of training; some of them set the range of the converters.
    seed : int
        Reproduces the programming errors.
    """

    def __init__(self, network, tiles, images, seed=0):
        self.network, self.seed = network, seed
        seen = {}

        def remember(k, x):
            seen[k] = x[:: max(1, len(x) // 512)]
            return x @ np.asarray(network.weights[k], dtype=np.float64)

        forward(network.spec, network.biases, np.asarray(images.pixels[:N_CALIBRATION], np.float64), remember)
        self.crossbars = [
            Crossbar(np.asarray(weight, np.float64), tiles, child_seed(seed, "layer", k), seen[k])
            for k, weight in enumerate(network.weights)
        ]

    def at(self, t_s):
        """Return the machine ``t_s`` seconds after programming, its drift compensated as the tiles say."""
        later = copy.copy(self)
        later.crossbars = [crossbar.at(t_s) for crossbar in self.crossbars]
        return later

    def logits(self, pixels, seed=0):
        """Return logits of pictures, shape (n, 10); ``seed`` is of the reads' noise."""
        spec, biases = self.network.spec, self.network.biases

        def part_logits(part, number):
            seeds = np.random.SeedSequence([seed, number]).generate_state(len(self.crossbars))
            return forward(spec, biases, part, lambda k, x: self.crossbars[k].multiply(x, int(seeds[k])))

        return in_parts(pixels, part_logits)

    def accuracy(self, images, seed=0):
        """Return the share of pictures that are read right."""
        return accuracy(self.logits(images.pixels, seed), images)

    @property
    def n_tiles(self):
        """Tiles of each layer; list of int."""
        return [crossbar.n_tiles for crossbar in self.crossbars]

    @property
    def utilisation(self):
        """Share of the tiles' crossings that hold a weight."""
        spec = self.crossbars[0].spec
        return sum(np.prod(c.shape) for c in self.crossbars) / (sum(self.n_tiles) * spec.n_rows * spec.n_columns)


def noisy_tiles(weight_bits=None, programming_noise=0.0, adc_bits=None):
    """Return tiles of a device without flaws but these.

    Parameters
    ----------
    weight_bits : int or None
        Bits of a weight, its sign included; None for analog ones.
    programming_noise : float
        Standard deviation of a weight's error over the largest weight; each cell of its pair has a share of it.
    adc_bits : int or None
        Bits of the converters; None for exact ones.
    """
    if not programming_noise >= 0 or (weight_bits is not None and not 2 <= weight_bits <= 17):
        raise InputError("Programming noise must be 0 or more, and bits of a weight 2 to 17")
    card = IDEAL
    if programming_noise:
        # Normal around the target whatever it is; cells cannot go below zero, so the window begins higher than that.
        span = IDEAL.g_max_S - IDEAL.g_min_S
        low = 5.0 * programming_noise * span
        error = GaussianError(Polynomial((programming_noise * span * 1e6 / np.sqrt(2.0),)), span)
        card = replace(IDEAL, g_min_S=low, g_max_S=low + span, programming=error)
    encoding = Encoding(bits=None if weight_bits is None else weight_bits - 1)
    return TileSpec(card, adc=Adc(adc_bits), encoding=encoding, read_noise="none")


def mean_accuracy(network, tiles, sets, seed, n_machines=N_MACHINES):
    """Return the mean accuracy over machines that were programmed anew, and its standard error; (float, float)."""
    train, test = sets
    found = [
        DigitMachine(network, tiles, train, child_seed(seed, "machine", k)).accuracy(test, k) for k in range(n_machines)
    ]
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(n_machines))


def pbit_logits(network, pixels, n_passes, seed):
    """Return logits averaged over passes in which p-bits draw every hidden unit as 0 or 1; shape (n_passes, n, 10).

    Entry k is the mean of the first k + 1 passes.
    """
    if network.spec.activation != "sigmoid":
        raise InputError(f"Activations of p-bits must be sigmoids, not {network.spec.activation!r}")
    rng = np.random.default_rng([seed, 25])
    weights = [np.asarray(weight, dtype=np.float64) for weight in network.weights]

    def draw(k, x):
        return (rng.random(x.shape) * (1.0 + np.exp(-x)) < 1.0).astype(np.float64)

    pixels = np.asarray(pixels, dtype=np.float64)
    passes = [
        forward(network.spec, network.biases, pixels, lambda k, x: x @ weights[k], activate=draw)
        for _ in range(n_passes)
    ]
    return np.cumsum(passes, axis=0) / np.arange(1, n_passes + 1)[:, None, None]


@dataclass(frozen=True)
class PictureCost:
    """What one picture takes.

    Parameters
    ----------
    n_tiles, n_products : int
        Tiles of all layers, and tile products.
    n_conversions : int
        Number of columns converted.
    seconds : float
        Layer after layer on one tile each, the tiles of a layer at once [s].
    hermes_J : tuple of float
        Low, best, high by whole products of HERMES, its 8-bit converters included [J].
    cells_J, converters_J : float
        Heat of the cells, and converters of the given bits by Walden's figure of merit [J].
    """

    n_tiles: int
    n_products: int
    n_conversions: int
    seconds: float
    hermes_J: tuple[float, float, float]
    cells_J: float
    converters_J: float

    @property
    def joules(self):
        """Cells and converters [J]."""
        return self.cells_J + self.converters_J


def picture_cost(machine, images, adc_bits=8):
    """Return what one picture costs on a machine; PictureCost.

    Counts follow the network: every position of a window is a vector, every vector meets every tile of its layer, and
    each of a tile's used columns is converted once.
    """
    spec, tile = machine.network.spec, hermes(1)
    vectors, tiles = spec.vectors(), machine.n_tiles
    n_products = sum(n * t for n, t in zip(vectors, tiles, strict=True))
    conversions = sum(
        n * sum(t.tile.n_columns for t in c.tiles) for n, c in zip(vectors, machine.crossbars, strict=True)
    )
    seconds = sum(_span_s(tile.trace(min(n, 4)), n) for n in vectors)
    seen = {}

    def remember(k, x):
        seen[k] = x
        return machine.crossbars[k].multiply(x)

    pixels = np.asarray(images.pixels[:N_HEAT], dtype=np.float64)
    forward(spec, machine.network.biases, pixels, remember)
    cells = sum(heat_J(c, seen[k], READ_S) for k, c in enumerate(machine.crossbars)) / len(pixels)
    whole = tuple(n_products * joules for joules in tile.bill(tile.trace()).total_J)
    converters = conversions * walden_price(adc_bits).best_J
    return PictureCost(sum(tiles), n_products, conversions, seconds, whole, cells, converters)


def _span_s(trace, n_products):
    """Return the time from the first product's start to the last one's end, at the pace of the last two traced [s]."""
    return trace.latency_s + (n_products - 1) * trace.interval_s
