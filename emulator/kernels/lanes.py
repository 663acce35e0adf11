"""SIMD values for numba kernels: a fixed number of equal scalars that stay in vector registers.

LLVM's own loop vectoriser left the sweep ten times slower: a sum over neighbours with a run-time count inside a loop
over chains is not vectorised, and what is, is held to half-width registers. A value of type `Lanes` is one LLVM
vector instead; LLVM splits it where the processor's registers are narrower, so the kernels run anywhere.

Every function below is also plain Python on one-dimensional numpy arrays, which is what the kernels run on under
``NUMBA_DISABLE_JIT=1``. The compiled twins are in `lanes_lowering`, which registers them on import.
"""

import numpy as np

CACHE_LINE = 64  # bytes


def aligned(array):
    """Return a flat copy of an array that begins on a cache line, so that no vector straddles two."""
    flat = np.ravel(array)
    raw = np.empty(flat.nbytes + CACHE_LINE, dtype=np.uint8)
    skip = -raw.ctypes.data % CACHE_LINE
    copy = raw[skip : skip + flat.nbytes].view(flat.dtype)
    copy[:] = flat
    return copy


def view(array):
    """Return a bare pointer to a flat, contiguous array: to be read and written by index, without bounds or length.

    Numba counts references wherever an array passes through a function with a loop, which tripled the time of a
    bit-sliced sweep. The array must outlive the view.
    """
    return array


def load(array, start, count):
    """Return ``count`` consecutive elements of a flat array or view, from ``start``; count is a literal."""
    return array[start : start + count].copy()


def store(array, start, lanes):
    """Write lanes to consecutive elements of a flat array or view of their type, from ``start``."""
    array[start : start + len(lanes)] = lanes


def splat(value, count):
    """Return ``count`` copies of one scalar; count is a literal."""
    return np.full(count, value)


def fma(a, b, c):
    """Return a * b + c rounded once, for lanes or scalars of one float type.

    An explicit instruction rather than fastmath contraction: the result is the same on every machine. Without numba
    a float64 product is rounded twice, which the distribution does not feel.
    """
    exact = np.float64(a) * np.float64(b) + np.float64(c)
    return exact.astype(c.dtype)


def less(a, b):
    """Return the truth of a < b, lane by lane."""
    return a < b


def select(truth, a, b):
    """Return a where true and b where false."""
    return np.where(truth, a, b)


def rotate_left(lanes, count):
    """Rotate the bits of unsigned lanes to the left by 1 ... width - 1 places."""
    return (lanes << count) | (lanes >> (8 * lanes.itemsize - count))


def convert_like(lanes, like):
    """Return lanes as the type of ``like``; unsigned lanes must fit the signed range if ``like`` is a float."""
    return lanes.astype(like.dtype)


def scalar_like(value, like):
    """Return a scalar as the type of the scalar ``like``."""
    return like.dtype.type(value)


def as_bits(lanes):
    """Return the bit patterns of float lanes, as unsigned lanes of the same width."""
    return lanes.view(f"u{lanes.itemsize}")


def as_floats(lanes):
    """Return the floats whose bit patterns are unsigned lanes."""
    return lanes.view(f"f{lanes.itemsize}")


def any_set(lanes):
    """Tell whether any bit of unsigned lanes is set."""
    return bool(lanes.any())


def count_ones(lanes):
    """Return how many bits of unsigned lanes are set."""
    return int(np.bitwise_count(lanes).sum())


def lane_sum(lanes):
    """Return the sum over integer lanes; the caller sees to it that the lane type holds it."""
    return int(lanes.sum(dtype=lanes.dtype))
