"""The shape of a flow, and trained ones as archives that need no JAX to be read."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_path

FOLDER = files("spinchip") / "examples" / "flow"
KINDS = ("realnvp", "nice")


@dataclass(frozen=True)
class FlowSpec:
    """Shape of a flow.

    Parameters
    ----------
    kind : {"realnvp", "nice"}
        Whether a layer scales and shifts, or shifts only; a last diagonal scale makes up for the latter, so that the
        Jacobian of "nice" is the same everywhere.
    n_couplings : int
        Layers, each of which moves every other coordinate; an even number moves all alike.
    n_hidden : int
        Units of both hidden layers of each net.
    n_dims : int
        Coordinates, 2 or more.
    n_splits : int
        Ways in which coordinates are halved, taken in turn, two couplings each: every other one, every other two, every
        other four ... For planes of particles these are x and y, then neighbours.
    """

    kind: str = "realnvp"
    n_couplings: int = 8
    n_hidden: int = 64
    n_dims: int = 2
    n_splits: int = 1

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"Kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if min(self.n_couplings, self.n_hidden) < 1 or self.n_dims < 2:
            raise InputError("Couplings and hidden units must be 1 or more, and coordinates 2 or more")
        if self.n_splits < 1 or 2**self.n_splits > self.n_dims:
            raise InputError(
                f"Splits must be 1 or more, and 2 to their power at most {self.n_dims}, not {self.n_splits}"
            )

    def halves(self, k):
        """Return the coordinates that coupling k sees, and those that it moves; two of ndarray, int64."""
        every = np.arange(self.n_dims)
        is_seen = (every >> (k // 2 % self.n_splits)) % 2 == k % 2
        return every[is_seen], every[~is_seen]


def to_x(spec, z, nets, log_scale, xp=np):
    """Return points and ln |det dx/dz| of noise; shapes (n, d) and (n,).

    Parameters
    ----------
    spec : FlowSpec
        Shape of the network.
    z : array, shape (n, d)
        Points of the latent normal distribution, one a row.
    nets : function of (coupling, seen coordinates)
        Returns the logarithms of scales and the shifts of the moved ones; on hardware with its noise.
    log_scale : array, shape (d,)
        Logarithm of the last diagonal scale.
    xp : module
        numpy, or jax.numpy to differentiate.
    """
    x, log_det = z, log_scale.sum()
    for k in range(spec.n_couplings):
        seen, moved = spec.halves(k)
        log_scales, shift = nets(k, x[:, seen])
        x = _merged(spec, k, x[:, seen], x[:, moved] * xp.exp(log_scales) + shift, xp)
        log_det = log_det + log_scales.sum(axis=1)
    return x * xp.exp(log_scale), log_det


def to_z(spec, x, nets, log_scale, xp=np):
    """Return noise and ln |det dz/dx| of points; the inverse of `to_x` if ``nets`` say the same again."""
    z, log_det = x * xp.exp(-log_scale), -log_scale.sum()
    for k in reversed(range(spec.n_couplings)):
        seen, moved = spec.halves(k)
        log_scales, shift = nets(k, z[:, seen])
        z = _merged(spec, k, z[:, seen], (z[:, moved] - shift) * xp.exp(-log_scales), xp)
        log_det = log_det - log_scales.sum(axis=1)
    return z, log_det


def _merged(spec, k, seen, moved, xp):
    """Return both halves in the order of the coordinates."""
    return xp.concatenate([seen, moved], axis=1)[:, np.argsort(np.concatenate(spec.halves(k)))]


def log_prior(z, variance=1.0):
    """Return ln of the Gaussian density of noise; shape (n,)."""
    return -0.5 * (z**2).sum(axis=1) / variance - 0.5 * z.shape[1] * np.log(2.0 * np.pi * variance)


def save_flow(path, spec, params):
    """Write a flow, whole or not at all."""
    arrays = {"log_scale": params["log_scale"]}
    for k, coupling in enumerate(params["couplings"]):
        for name, layers in coupling.items():
            for number, layer in enumerate(layers):
                for part, value in layer.items():
                    arrays[f"{k}/{name}/{number}/{part}"] = value
    shape = {"kind": spec.kind, "sizes": [spec.n_couplings, spec.n_hidden, spec.n_dims, spec.n_splits]}
    with whole_path(path) as temporary, open(temporary, "wb") as handle:
        np.savez_compressed(handle, **shape, **arrays)


def load_flow(path):
    """Return spec and parameters of an archive of `save_flow`.

    Parameters
    ----------
    path : path or str
        A file, or the name of a shipped flow such as ``double-well``.
    """
    if isinstance(path, str) and "/" not in path and not path.endswith(".npz"):
        path = FOLDER / f"{path}.npz"
    if not path.is_file():
        have = ", ".join(sorted(one.name.removesuffix(".npz") for one in FOLDER.iterdir() if one.name.endswith(".npz")))
        raise InputError(f"{path}: flow must be a file of save_flow or one of {have}, which this is not")
    with path.open("rb") as handle:
        archive = dict(np.load(handle))
    spec = FlowSpec(str(archive["kind"]), *(int(one) for one in archive["sizes"]))
    couplings = [{} for _ in range(spec.n_couplings)]
    for key in archive:
        if key.count("/") == 3:
            k, name, number, part = key.split("/")
            layers = couplings[int(k)].setdefault(name, [{}, {}, {}])
            layers[int(number)][part] = archive[key]
    return spec, {"couplings": couplings, "log_scale": archive["log_scale"]}
