"""Coupling words as hardware keeps them: a sign bit above a magnitude.

A neighbour's bit is turned by the sign and gates the magnitude, so that a p-bit adds numbers that are never negative,
and one count serves couplings of +1 and -1.
"""

from __future__ import annotations

import numpy as np


def plane_weights(weights, width):
    """Return the words of the WEIGHTS plane.

    Parameters
    ----------
    weights : ndarray, shape (n_edges,), int64
        Coupling words, signed, in -(2^(width-1) - 1) ... 2^(width-1) - 1.
    width : int
        Bits of a word, the sign included [bit].

    Returns
    -------
    list of int
        Unsigned words of ``width`` bits.

    >>> plane_weights([1, -1, 0, -3], 3)
    [1, 5, 0, 7]
    """
    return [abs(int(w)) | (int(w) < 0) << (width - 1) for w in weights]


def weights_of_plane(words, width):
    """Return the signed couplings that plane words stand for; twin of `plane_weights`.

    >>> weights_of_plane([1, 5, 0, 7, 4], 3)
    array([ 1, -1,  0, -3,  0])
    """
    words = np.asarray(words, dtype=np.int64)
    magnitudes = words & ((1 << (width - 1)) - 1)
    return np.where(words >> (width - 1) & 1, -magnitudes, magnitudes)


def sign_excess(weights, spec, directed=False):
    """Return by how much the offsets of the plane lie below ``bias - sum of weights``.

    A negative coupling of magnitude m adds m times the turned bit, 2 m (1 - bit) in the field where the plain form has
    -2 m bit: the OFFSETS plane holds ``bias - sum of magnitudes``, which is lower by 2 m for each of them.

    Parameters
    ----------
    weights : ndarray, shape (n_edges,), int64
        Coupling words, signed.
    spec : FabricSpec
        Gives the edges and the alignment.
    directed : bool
        Whether a p-bit reads only those before it in the order; see `FabricSpec.read_words`.

    Returns
    -------
    ndarray, shape (n_pbits,), int64
        Accumulator units, 0 or more.
    """
    sums = [sum(max(-word, 0) for _, word in pairs) for pairs in spec.read_words(weights, directed)]
    return np.array(sums, dtype=np.int64) << spec.weight_shift
