"""Masked networks in JAX: dense and convolutional, plain and residual, each output seeing only the spins before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.seeds import key_data

SLOPE = 0.5  # of a PReLU at first
KINDS = ("dense", "convolution")


@dataclass(frozen=True)
class MaskedSpec:
    """Shape of a network on a square of spins, read row by row.

    Parameters
    ----------
    kind : {"dense", "convolution"}
        Kind of the layers.
    side : int
        Spins are side^2; a dense network may have any number, see `n_spins`.
    depth : int
        Layers, 1 or more.
    width : int
        Channels of the layers between.
    half_kernel : int
        Half width of a convolution, whose kernel has 2 half_kernel + 1 rows; depth times it plus 1 must reach the side.
    is_residual : bool
        Layers between are blocks that add to their input: a layer, PReLU, a layer; the first of a convolution is 1 x 1.
    n_spins : int, optional
        Number of spins of a dense network that is no square.
    """

    kind: str
    side: int
    depth: int
    width: int
    half_kernel: int = 1
    is_residual: bool = False
    n_spins: int | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"Kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if min(self.side, self.depth, self.width, self.half_kernel) < 1:
            raise InputError("Side, depth, width and half kernel must be 1 or more")
        if self.kind == "convolution" and self.depth * self.half_kernel + 1 < self.side:
            reach = f"side {self.side}, not {self.depth * self.half_kernel + 1}"
            raise InputError(f"Depth times half kernel plus 1 must reach {reach}: spins would not be seen")
        if self.n_spins is None:
            object.__setattr__(self, "n_spins", self.side**2)
        elif self.kind == "convolution":
            raise InputError("Convolutions must be of a square, without a number of spins of their own")

    def channels(self):
        """Return channels in and out of each layer; list of (int, int)."""
        sizes = [1] + [self.width] * (self.depth - 1) + [1]
        return list(zip(sizes[:-1], sizes[1:], strict=True))


def layer_mask(spec, n_in, n_out, is_strict):
    """Return which weights a layer has; ndarray of 0 and 1 in the shape of the weights.

    The first layer is strict: a unit of site i sees sites before i. Later ones see their own site too.
    """
    if spec.kind == "dense":
        sites = np.tril(np.ones((spec.n_spins, spec.n_spins)), -1 if is_strict else 0)
        return np.kron(sites, np.ones((n_out, n_in)))  # unit = site * channels + channel; rows are outputs
    size = 2 * spec.half_kernel + 1
    kernel = np.zeros((size, size))
    kernel[: spec.half_kernel] = 1.0
    kernel[spec.half_kernel, : spec.half_kernel + (0 if is_strict else 1)] = 1.0
    return np.broadcast_to(kernel, (n_out, n_in, size, size)).copy()


def init(spec, seed):
    """Return parameters, a pytree of ndarray, float32.

    Xavier's normal weights corrected for their mask, biases 0, slopes of PReLU 1/2.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for number, (n_in, n_out) in enumerate(spec.channels()):
        is_block = spec.is_residual and 0 < number < spec.depth - 1
        layer = {"main": _linear(spec, n_in, n_out, number == 0, rng)}
        if is_block:
            layer["before"] = (
                _point(spec, n_in, rng) if spec.kind == "convolution" else _linear(spec, n_in, n_in, False, rng)
            )
        if number:
            layer["slope"] = np.full(_units(spec, n_in), SLOPE)
        layers.append(layer)
    return jax.tree_util.tree_map(lambda leaf: np.asarray(leaf, dtype=np.float32), layers)


def _units(spec, n_channels):
    return n_channels if spec.kind == "convolution" else n_channels * spec.n_spins


def _linear(spec, n_in, n_out, is_strict, rng):
    mask = layer_mask(spec, n_in, n_out, is_strict)
    fan = mask.sum() / (n_out * (1 if spec.kind == "convolution" else spec.n_spins))
    scale = np.sqrt(2.0 / (fan + 1.0))
    return {"weight": scale * rng.standard_normal(mask.shape) * mask, "bias": np.zeros(_units(spec, n_out))}


def _point(spec, n_channels, rng):
    """Return a 1 x 1 convolution, which needs no mask."""
    weight = rng.standard_normal((n_channels, n_channels, 1, 1)) / np.sqrt(n_channels)
    return {"weight": weight, "bias": np.zeros(_units(spec, n_channels))}


def n_parameters(params):
    """Return the number of all numbers, masked ones included, as the paper counts them."""
    return int(sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(params)))


def fields(spec, params, spins):
    """Return the p-bit inputs a of states, P(s_i = +1) = sigmoid(a_i); shape (n_states, n).

    Parameters
    ----------
    spec : MaskedSpec
        Shape of the network.
    params : pytree
        Parameters of the network, as of `init`.
    spins : array, shape (n_states, n)
        States -1/+1, one a row.
    """
    x = jnp.asarray(spins, dtype=jnp.float32)
    if spec.kind == "convolution":
        x = x.reshape(-1, 1, spec.side, spec.side)
    for number, layer in enumerate(params):
        n_in, n_out = spec.channels()[number]
        y = x
        if "before" in layer:
            y = _apply(spec, layer["before"], y, None)
        if number:
            slope = layer["slope"][None, :, None, None] if spec.kind == "convolution" else layer["slope"]
            y = jnp.where(y > 0, y, slope * y)
        y = _apply(spec, layer["main"], y, layer_mask(spec, n_in, n_out, number == 0))
        x = x + y if "before" in layer else y
    return x.reshape(len(spins), -1)


def _apply(spec, linear, x, mask):
    """Return a linear layer's output; a layer of the same channels has its own mask, a 1 x 1 convolution none."""
    weight = linear["weight"]
    if spec.kind == "dense":
        if mask is None:
            channels = len(weight) // spec.n_spins
            mask = layer_mask(spec, channels, channels, False)
        return x @ (weight * mask).T + linear["bias"]
    weight = weight if mask is None else weight * mask
    x = x.astype(weight.dtype)  # float64 where JAX is told so, as by NetKet
    pad = weight.shape[-1] // 2
    moved = jax.lax.conv_general_dilated(x, weight, (1, 1), [(pad, pad)] * 2)
    return moved + linear["bias"][None, :, None, None]


def log_probabilities(spec, params, spins, is_mixed=False):
    """Return ln q of states; shape (n_states,). Mixed: the mean of q over a state and its reverse."""
    spins = jnp.asarray(spins)

    def one(states):
        return jax.nn.log_sigmoid(states * fields(spec, params, states)).sum(axis=1)

    found = one(spins)
    return jnp.logaddexp(found, one(-spins)) - jnp.log(2.0) if is_mixed else found


def sample(spec, params, n_states, seed, is_mixed=False):
    """Draw independent states, spin by spin, a whole pass each; ndarray, shape (n_states, n), int8.

    A spin is drawn by 64 random bits: chances down to 5e-20, a field of 44, are what `log_probabilities` says.
    """
    key = jax.random.wrap_key_data(key_data(seed))
    return np.asarray(_sample(spec, params, n_states, key, is_mixed)).astype(np.int8)


def directed_spins(a, words):
    """Return spins with P(+1) = sigmoid(a), -1/+1 float32: small chances keep their relative precision.

    With u uniform a spin points against its field if u (1 + e^abs(a)) < 1. `jax.random.uniform` has 23 bits, which
    would draw every chance below 1e-7 with 1.2e-7 or never, and such states bear the largest weights.

    Parameters
    ----------
    a : array, shape (n_states,), float32
        Inputs.
    words : array, shape (2, n_states), uint32
        Random bits: u is the first over 2^32, and the second over 2^64.
    """
    high, low = words.astype(jnp.float32)
    uniform = (high + (low + 0.5) * 2.0**-32) * 2.0**-32
    against = uniform * jnp.exp(jnp.abs(a)) + uniform < 1.0
    return jnp.where((a >= 0) != against, 1.0, -1.0)


_STATIC = (0, 2, 4)


@partial(jax.jit, static_argnums=(0, 2, 4))
def _sample(spec, params, n_states, key, is_mixed):
    draw, flip = jax.random.split(key)
    words = jax.random.bits(draw, (2, spec.n_spins, n_states), jnp.uint32)

    def next_spin(i, spins):
        return spins.at[:, i].set(directed_spins(fields(spec, params, spins)[:, i], words[:, i]))

    spins = jax.lax.fori_loop(0, spec.n_spins, next_spin, jnp.zeros((n_states, spec.n_spins)))
    if is_mixed:
        spins = spins * jnp.where(jax.random.bernoulli(flip, 0.5, (n_states, 1)), 1.0, -1.0)
    return spins
