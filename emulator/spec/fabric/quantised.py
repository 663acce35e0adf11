"""An instance in fixed point: formats, integer words, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..coloring import check_coloring, find_coloring, split_coloring
from ..errors import InputError
from ..fixed import Fixed
from ..instance import IsingInstance
from .chosen_formats import choose_formats
from .parameters import FabricSpec
from .random_source import RandomSpec


@dataclass(frozen=True)
class FabricOptions:
    """Choices that `fabric_for` leaves to the user; None means chosen from the instance."""

    weight: Fixed | None = None
    bias: Fixed | None = None
    field: Fixed | None = None
    compare_bits: int = 16
    random: RandomSpec = RandomSpec()
    colors: tuple[int, ...] | None = None
    n_colors: int | None = None
    n_pages: int = 16
    n_segments: int = 64
    fifo_depth: int = 16
    moment_bits: int = 0
    dense: bool = False


def fabric_for(instance, options=None):
    """Return the fabric that fits an instance.

    Couplings and biases get the narrowest formats that hold them exactly, or the best ones of 8 bits; see
    `choose_formats`. The field gets the range that the instance can reach and all fraction bits, up to 10 bits in all.

    Parameters
    ----------
    instance : IsingInstance
        What the hardware shall sample.
    options : FabricOptions, optional
        Options that override what the instance asks for.

    Returns
    -------
    FabricSpec
    """
    options = options or FabricOptions()
    colors = find_coloring(instance) if options.colors is None else np.asarray(options.colors)
    check_coloring(instance, colors)
    if options.n_colors is not None:
        colors = split_coloring(colors, options.n_colors)
    if options.dense:  # p-bits of one colour stay neighbours in the order, so that few clocks are waited
        colors = np.argsort(np.argsort(colors, kind="stable"), kind="stable")
    weight, bias, field = choose_formats(instance, options.weight, options.bias, options.field)
    return FabricSpec(
        n_pbits=instance.n_spins,
        edges=tuple((int(i), int(j)) for i, j in instance.edges),
        colors=tuple(int(color) for color in colors),
        weight=weight,
        bias=bias,
        field=field,
        compare_bits=options.compare_bits,
        random=options.random,
        n_pages=options.n_pages,
        n_segments=options.n_segments,
        fifo_depth=options.fifo_depth,
        moment_bits=options.moment_bits,
        dense=options.dense,
    )


@dataclass(frozen=True, eq=False)
class QuantisedInstance:
    """Integer words of one instance on one fabric.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    weights : ndarray, shape (n_edges,), int64
        Coupling words, in the order of ``spec.edges``.
    biases : ndarray, shape (n_pbits,), int64
        Bias word of each p-bit.
    n_saturated : int
        Couplings and biases that their format could not hold.
    n_vanished : int
        Couplings and biases other than zero whose word is zero.
    """

    spec: FabricSpec
    weights: np.ndarray
    biases: np.ndarray
    n_saturated: int = 0
    n_vanished: int = 0

    @property
    def offsets(self):
        """Offset words ``bias - sum of weights`` in accumulator units; ndarray, shape (n_pbits,), int64."""
        spec = self.spec
        aligned_weights = self.weights << (spec.accumulator_frac - spec.weight.n_frac)
        offsets = self.biases << (spec.accumulator_frac - spec.bias.n_frac)
        for number, (i, j) in enumerate(spec.edges):
            offsets[i] -= aligned_weights[number]
            offsets[j] -= aligned_weights[number]
        return offsets

    def as_instance(self):
        """Return the float instance that the words stand for."""
        spec = self.spec
        return IsingInstance.from_edges(
            spec.n_pbits,
            spec.edges,
            spec.weight.values(self.weights),
            spec.bias.values(self.biases),
            name="quantised",
        )


def quantise(instance, spec, rounding="nearest"):
    """Return the words of ``instance`` on the fabric ``spec``.

    Parameters
    ----------
    instance : IsingInstance
        Couplings must lie on the fabric's edges; edges without a coupling get weight 0.
    spec : FabricSpec
        Parameters of the fabric.
    rounding : {"nearest", "truncate"}
        Round half to even, or towards minus infinity; see `Fixed.words`.

    Raises
    ------
    InputError
        If the instance has a coupling where the fabric has no wire.
    """
    if instance.n_spins != spec.n_pbits:
        raise InputError(f"Instance must have the fabric's {spec.n_pbits} spins, not {instance.n_spins}")
    index = {edge: number for number, edge in enumerate(spec.edges)}
    values = np.zeros(len(spec.edges))
    for (i, j), value in zip(instance.edges.tolist(), instance.edge_values, strict=True):
        if (i, j) not in index:
            raise InputError(f"Coupling must lie on a wire of the fabric, not between spins {i} and {j}")
        values[index[i, j]] = value
    weights, lost_weights = spec.weight.words(values, rounding)
    lowest = -spec.weight.max_word  # hardware keeps sign and magnitude
    below = weights < lowest  # some of these saturated already, and count once
    lost_weights += int(np.count_nonzero(below)) - spec.weight.words(values[below], rounding)[1]
    weights = np.maximum(weights, lowest)
    biases, lost_biases = spec.bias.words(instance.biases, rounding)
    vanished = np.count_nonzero((weights == 0) & (values != 0))
    vanished += np.count_nonzero((biases == 0) & (instance.biases != 0))
    return QuantisedInstance(spec, weights, biases, lost_weights + lost_biases, int(vanished))
