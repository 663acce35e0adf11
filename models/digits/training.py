"""Training of digit networks in JAX: shuffled batches, Adam, weights that may be noisy or coarse, checkpoints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_path
from ...emulator.spec.seeds import key_data
from .network import Network, forward

CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True)
class DigitPlan:
    """How a network is trained.

    Parameters
    ----------
    n_epochs, batch : int
        Passes over the pictures, and pictures of a step.
    rate : float
        Learning rate of the Adam optimiser; it falls to nothing as a cosine.
    weight_noise : float
        Standard deviation of every weight's error over the layer's largest, drawn anew at every step; what a network
        learns with it bears programming errors.
    weight_bits : int or None
        Bits of a weight, its sign included, to which weights are rounded; gradients go straight through.
    is_stochastic : bool
        Whether sigmoid activations are drawn as p-bits, 0 or 1, while training.
    """

    n_epochs: int = 60
    batch: int = 64
    rate: float = 3e-3
    weight_noise: float = 0.0
    weight_bits: int | None = None
    is_stochastic: bool = False

    def __post_init__(self):
        if min(self.n_epochs, self.batch) < 1 or not self.rate > 0 or not self.weight_noise >= 0:
            raise InputError("Epochs, batch and rate must be above 0, and the weight noise 0 or more")
        if self.weight_bits is not None and not 2 <= self.weight_bits <= 16:
            raise InputError(f"Bits of a weight must be 2 to 16, not {self.weight_bits!r}")


def train(spec, images, plan, seed, folder=None, on_epoch=None):
    """Train a network.

    Parameters
    ----------
    spec : NetworkSpec
        Shape of the network.
    images : Images
        Images and labels to learn from.
    plan : DigitPlan
        Sizes, steps and rates of the training.
    seed : int
        Seed of weights, batches and noise.
    folder : Path, optional
        Where a checkpoint is kept after every epoch. One that is there is resumed if it belongs to the same training;
        the result is that of a training that never stopped.
    on_epoch : function of (int, dict), optional
        Told after every epoch: its number, ``loss`` and ``accuracy`` while it was trained.

    Returns
    -------
    (Network, list of dict)
        The network, and what ``on_epoch`` was told.
    """
    if images.side != spec.side:
        raise InputError(f"Pictures must be of side {spec.side}, as the network is, not {images.side}")
    if plan.is_stochastic and spec.activation != "sigmoid":
        raise InputError(f"Stochastic activations must be sigmoids, not {spec.activation!r}")
    n_steps = max(1, len(images) // plan.batch)
    rule = optax.adam(optax.cosine_decay_schedule(plan.rate, n_steps * plan.n_epochs))
    params = _init(spec, seed)
    carried, history = (params, rule.init(params)), []
    path = None if folder is None else Path(folder) / CHECKPOINT
    name = _name(spec, images, plan, seed)
    if path is not None and path.is_file():
        carried, history = _resumed(path, name, carried)
    for epoch in range(len(history), plan.n_epochs):
        order = np.random.default_rng([seed, 23, epoch]).permutation(len(images))[: n_steps * plan.batch]
        batches = order.reshape(n_steps, -1)
        key = jax.random.fold_in(jax.random.wrap_key_data(key_data(seed)), epoch)
        losses, hits = [], []
        for number, chosen in enumerate(batches):
            batch = images.pixels[chosen], images.labels[chosen], jax.random.fold_in(key, number)
            carried, (loss, hit) = _step((rule, spec, plan), carried, batch)
            losses.append(loss)
            hits.append(hit)
        history.append({"loss": float(np.mean(losses)), "accuracy": float(np.mean(hits))})
        if path is not None:
            _save(path, name, carried, history)
        if on_epoch is not None:
            on_epoch(epoch + 1, history[-1])
    weights, biases = (tuple(np.asarray(one) for one in part) for part in carried[0])
    return Network(spec, weights, biases), history


def _init(spec, seed):
    """Return He's normal weights and no biases; two lists of ndarray, float32."""
    rng = np.random.default_rng([seed, 24])
    weights = [
        (np.sqrt(2.0 / n_in) * rng.standard_normal((n_in, n_out))).astype(np.float32) for n_in, n_out in spec.shapes()
    ]
    return weights, [np.zeros(n_out, np.float32) for _, n_out in spec.shapes()]


@partial(jax.jit, static_argnums=0)
def _step(how, carried, batch):
    rule, spec, plan = how
    params, state = carried
    (loss, hit), slope = jax.value_and_grad(partial(_loss, spec, plan), has_aux=True)(params, batch)
    change, state = rule.update(slope, state, params)
    return (optax.apply_updates(params, change), state), (loss, hit)


def _loss(spec, plan, params, batch):
    """Return the mean cross entropy, and the share that is right."""
    pixels, labels, key = batch
    weights, biases = params
    real = [_realised(plan, weight, jax.random.fold_in(key, k)) for k, weight in enumerate(weights)]
    activate = partial(drawn, jax.random.fold_in(key, len(weights))) if plan.is_stochastic else None
    logits = forward(spec, biases, pixels, lambda k, x: x @ real[k], jnp, activate)
    loss = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
    return loss, (logits.argmax(axis=1) == labels).mean()


def _realised(plan, weight, key):
    """Return a weight as the hardware would have it; gradients see the weight itself."""
    largest = jax.lax.stop_gradient(jnp.abs(weight).max())
    if plan.weight_bits is not None:
        step = largest / (2 ** (plan.weight_bits - 1) - 1)
        weight = weight + jax.lax.stop_gradient(step * jnp.round(weight / step) - weight)
    return weight + plan.weight_noise * largest * jax.random.normal(key, weight.shape)


def drawn(key, k, x):
    """Return 0 or 1 with probability sigmoid(x), its slope that of the sigmoid: straight through."""
    chance = jax.nn.sigmoid(x)
    bit = (jax.random.uniform(jax.random.fold_in(key, k), x.shape) < chance).astype(x.dtype)
    return chance + jax.lax.stop_gradient(bit - chance)


def _name(spec, images, plan, seed):
    """Return what a checkpoint belongs to: a digest of shape, plan, seed and pictures."""
    digest = sha256(f"{asdict(spec)} {asdict(plan)} {seed}".encode())
    for array in (images.pixels, images.labels):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _save(path, name, carried, history):
    leaves = jax.tree_util.tree_leaves(carried)
    with whole_path(path) as temporary, open(temporary, "wb") as handle:
        told = np.array([[one["loss"], one["accuracy"]] for one in history])
        np.savez(handle, name=name, history=told, **{f"leaf{k}": np.asarray(leaf) for k, leaf in enumerate(leaves)})


def _resumed(path, name, carried):
    """Return what a checkpoint holds."""
    try:
        with path.open("rb") as handle:
            archive = dict(np.load(handle))
        leaves, shape = jax.tree_util.tree_flatten(carried)
        if str(archive["name"]) != name:
            raise InputError(f"{path}: checkpoint must be of this training, which it is not; give another folder")
        found = [archive[f"leaf{k}"].astype(np.asarray(leaf).dtype) for k, leaf in enumerate(leaves)]
    except (ValueError, KeyError, OSError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: checkpoint must be a file of a training, which it is not: {error}") from None
    told = [{"loss": float(a), "accuracy": float(b)} for a, b in archive["history"]]
    return jax.tree_util.tree_unflatten(shape, found), told
