"""Small networks for digits, in numpy or JAX alike: three convolutions and a dense head, or one hidden layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_path
from .images import N_CLASSES

KINDS = ("cnn", "mlp")
ACTIVATIONS = ("relu", "sigmoid")
KERNEL = 3
PART = 256  # pictures whose windows are in memory at once


@dataclass(frozen=True)
class NetworkSpec:
    """Shape of a network.

    Parameters
    ----------
    kind : {"cnn", "mlp"}
        Convolutions of 3 x 3, then dense layers; or dense layers alone.
    side : int
        Pixels of a side of a picture.
    channels : tuple of int
        Channels of the convolutions; a maximum over 2 x 2 follows each, but for the first where the side is below 16.
    n_hidden : int
        Units of the hidden dense layer; 0 leaves it out.
    activation : {"relu", "sigmoid"}
        Activation of every layer but the last. A sigmoid is the probability with which a p-bit is 1.
    """

    kind: str = "cnn"
    side: int = 8
    channels: tuple[int, ...] = (16, 16, 32)
    n_hidden: int = 0
    activation: str = "relu"

    def __post_init__(self):
        if self.kind not in KINDS or self.activation not in ACTIVATIONS:
            text = f"Kind must be one of {', '.join(KINDS)} and activation one of {', '.join(ACTIVATIONS)}"
            raise InputError(f"{text}, not {self.kind!r} and {self.activation!r}")
        if self.side < 4 or min(self.channels, default=1) < 1 or self.n_hidden < 0:
            raise InputError("Side must be 4 or more, channels 1 or more, and hidden units 0 or more")
        if self.kind == "cnn" and (not self.channels or self.side % 2 ** sum(self.is_pooled(k) for k in self._numbers)):
            raise InputError(f"Side must be divisible by 2 at every pooling, which {self.side} is not")

    @property
    def _numbers(self):
        return range(len(self.channels)) if self.kind == "cnn" else range(0)

    def is_pooled(self, k):
        """Return whether the maximum over 2 x 2 follows convolution k."""
        return k > 0 or self.side >= 16

    @property
    def n_convolutions(self):
        """Layers of convolution; layers after them are dense."""
        return len(self._numbers)

    def shapes(self):
        """Return inputs and outputs of every layer's matrix; list of (int, int)."""
        found, n_in, side = [], 1, self.side
        for k in self._numbers:
            found.append((KERNEL**2 * n_in, self.channels[k]))
            n_in, side = self.channels[k], side // 2 if self.is_pooled(k) else side
        sizes = [n_in * side**2, *([self.n_hidden] if self.n_hidden else []), N_CLASSES]
        return found + list(zip(sizes[:-1], sizes[1:], strict=True))

    def vectors(self):
        """Return how many vectors each layer's matrix is multiplied with for one picture; list of int."""
        found, side = [], self.side
        for k in self._numbers:
            found.append(side**2)
            side = side // 2 if self.is_pooled(k) else side
        return found + [1] * (1 + bool(self.n_hidden))


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network.

    Parameters
    ----------
    spec : NetworkSpec
        Shape of the network.
    weights : tuple of ndarray, shapes ``spec.shapes()``, float32
        Matrices; the rows of a convolution's run over row, column and channel of its window.
    biases : tuple of ndarray, float32
        One number an output.
    """

    spec: NetworkSpec
    weights: tuple
    biases: tuple

    def __post_init__(self):
        shapes = [np.shape(weight) for weight in self.weights]
        if shapes != self.spec.shapes() or [np.shape(b) for b in self.biases] != [(n,) for _, n in shapes]:
            raise InputError(f"Weights must be of shapes {self.spec.shapes()}, not {shapes}")

    def logits(self, pixels):
        """Return logits of pictures; ndarray, shape (n, 10), float64."""
        weights = [np.asarray(weight, dtype=np.float64) for weight in self.weights]
        return in_parts(pixels, lambda part, _: forward(self.spec, self.biases, part, lambda k, x: x @ weights[k]))

    def accuracy(self, images):
        """Return the share of pictures that are read right."""
        return accuracy(self.logits(images.pixels), images)


def accuracy(logits, images):
    """Return the share of pictures whose largest logit is their label's."""
    return float((np.asarray(logits).argmax(axis=1) == images.labels).mean())


def confusion(logits, images):
    """Return how many pictures of each digit, rows, were read as each, columns; ndarray, shape (10, 10), int64."""
    found = np.zeros((N_CLASSES, N_CLASSES), dtype=np.int64)
    np.add.at(found, (images.labels, np.asarray(logits).argmax(axis=1)), 1)
    return found


def in_parts(pixels, logits):
    """Return logits of many pictures, computed `PART` at a time: their windows would fill the memory.

    Parameters
    ----------
    pixels : ndarray, shape (n, side, side)
        Pictures.
    logits : function of (pictures, number of the part)
        Returns the logits of a part, whose pictures are float64.
    """
    parts = range(0, len(pixels), PART)
    found = [logits(np.asarray(pixels[k : k + PART], dtype=np.float64), k // PART) for k in parts]
    return np.concatenate(found)


def forward(spec, biases, pixels, product, xp=np, activate=None):
    """Return logits of pictures; shape (n, 10).

    Parameters
    ----------
    spec : NetworkSpec
        Shape of the network.
    biases : sequence of array
        Biases of each layer.
    pixels : array, shape (n, side, side)
        Pictures.
    product : function of (layer, vectors)
        Returns the product of vectors, shape (m, n_in), with the layer's matrix: exact, or on hardware.
    xp : module
        numpy, or jax.numpy to differentiate.
    activate : function of (layer, array), optional
        In place of the spec's activation, as when p-bits draw it.
    """
    activate = activate or (lambda k, x: xp.maximum(x, 0.0) if spec.activation == "relu" else 1.0 / (1.0 + xp.exp(-x)))
    x = pixels[..., None]
    for k in range(spec.n_convolutions):
        n, side = x.shape[:2]
        x = product(k, windows(x, xp).reshape(n * side * side, -1)) + biases[k]
        x = activate(k, x).reshape(n, side, side, -1)
        if spec.is_pooled(k):
            x = x.reshape(n, side // 2, 2, side // 2, 2, -1).max(axis=(2, 4))
    x, n_layers = x.reshape(len(pixels), -1), len(spec.shapes())
    for k in range(spec.n_convolutions, n_layers):
        x = product(k, x) + biases[k]
        if k < n_layers - 1:
            x = activate(k, x)
    return x


def windows(x, xp=np):
    """Return the 3 x 3 window around every pixel, zeros beyond the edge; (n, h, w, c) to (n, h, w, 9 c)."""
    _, height, width, _ = x.shape
    padded = xp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    parts = [padded[:, i : i + height, j : j + width] for i in range(KERNEL) for j in range(KERNEL)]
    return xp.concatenate(parts, axis=-1)


def save_network(path, network):
    """Write a network, whole or not at all."""
    spec = network.spec
    shape = {
        "kind": spec.kind,
        "activation": spec.activation,
        "sizes": [spec.side, spec.n_hidden],
        "channels": spec.channels,
    }
    arrays = {f"weight{k}": weight for k, weight in enumerate(network.weights)}
    arrays |= {f"bias{k}": bias for k, bias in enumerate(network.biases)}
    with whole_path(path) as temporary, open(temporary, "wb") as handle:
        np.savez_compressed(handle, **shape, **arrays)


def load_network(path):
    """Return the network of a file of `save_network`."""
    if not path.is_file():
        raise InputError(f"{path}: network must be a file of save_network, which is not there")
    with path.open("rb") as handle:
        archive = dict(np.load(handle))
    side, n_hidden = (int(one) for one in archive["sizes"])
    channels = tuple(int(one) for one in archive["channels"])
    spec = NetworkSpec(str(archive["kind"]), side, channels, n_hidden, str(archive["activation"]))
    numbers = range(len(spec.shapes()))
    return Network(spec, *(tuple(archive[f"{part}{k}"] for k in numbers) for part in ("weight", "bias")))
