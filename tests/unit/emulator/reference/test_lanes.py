"""Lanes: compiled vectors against the plain numpy functions of the same name."""

import numpy as np
import pytest
from numba import njit, types

from spinchip.emulator.kernels import lanes
from spinchip.emulator.kernels.lanes import (
    any_set,
    as_bits,
    as_floats,
    convert_like,
    count_ones,
    fma,
    lane_sum,
    less,
    load,
    rotate_left,
    scalar_like,
    select,
    splat,
    store,
    view,
)
from spinchip.emulator.kernels.lanes_lowering import Lanes

COUNT = 8
UNSIGNED, SIGNED, REAL = (np.uint32, np.uint64), (np.int8,), (np.float32, np.float64)


def numbers(dtype, seed):
    """Return 24 numbers of a type, from its whole range."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(0.0, 1e3, 24).astype(dtype)
    return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, 24, dtype=dtype, endpoint=True)


@njit
def unsigned_operations(a, b, out):
    x, y = load(a, 3, COUNT), load(view(b), 1, COUNT)
    store(out, 0, x + y)
    store(out, COUNT, x - y)
    store(out, 2 * COUNT, x * y)
    store(out, 3 * COUNT, (x & y) | (x ^ y))
    store(out, 4 * COUNT, (x << 5) ^ (y >> 3))
    store(out, 5 * COUNT, rotate_left(x, 11))
    store(out, 6 * COUNT, as_bits(as_floats(x)))
    return any_set(x), any_set(x ^ x), count_ones(y)


@njit
def real_operations(a, b, small, out):
    x, y, z = load(a, 0, COUNT), load(b, 2, COUNT), splat(a[5], COUNT)
    store(out, 0, x + y * z)
    store(out, COUNT, x - y)
    store(out, 2 * COUNT, fma(x, y, z))
    store(out, 3 * COUNT, select(less(x, y), x, y))
    store(out, 4 * COUNT, convert_like(load(small, 1, COUNT), x))
    store(out, 5 * COUNT, splat(fma(a[0], scalar_like(small[0], a[0]), b[0]), COUNT))
    return lane_sum(load(small, 0, COUNT))


def both(function, *arguments):
    """Return what the compiled function and its Python twin answer, their outputs included."""
    answers = []
    for run in (function, function.py_func):
        copies = [array.copy() for array in arguments]
        with np.errstate(over="ignore"):
            answers.append((run(*copies), copies[-1]))
    return answers


@pytest.mark.parametrize("dtype", UNSIGNED)
def test_unsigned_lanes_are_numpy(dtype):
    a, b = numbers(dtype, 1), numbers(dtype, 2)
    (compiled, out), (plain, expected) = both(unsigned_operations, a, b, np.zeros(7 * COUNT, dtype))
    assert compiled == plain
    assert plain[:2] == (True, False)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dtype", REAL)
def test_real_lanes_are_numpy(dtype):
    a, b, small = numbers(dtype, 3), numbers(dtype, 4), numbers(np.int8, 5) // 16
    (compiled, out), (plain, expected) = both(real_operations, a, b, small, np.zeros(6 * COUNT, dtype))
    assert compiled == plain
    exact = [k for k in range(6) if dtype is np.float32 or k not in (2, 5)]
    for k in range(6):
        # A float64 fma is rounded twice without numba: half a unit in the last place of the product more.
        rtol = 0 if k in exact else 1e-12
        np.testing.assert_allclose(out[k * COUNT : (k + 1) * COUNT], expected[k * COUNT : (k + 1) * COUNT], rtol=rtol)


def test_fused_product_is_rounded_once():
    """(1 + e)(1 - e) - 1 = -e^2 exactly, which a rounded product loses."""
    small = np.float32(2.0**-14)
    a, b, c = np.float32(1) + small, np.float32(1) - small, np.float32(-1)
    assert a * b + c != -small * small
    for run in (lambda *x: fma(*map(np.float32, x)), njit(lambda x, y, z: fma(x, y, z))):
        assert run(a, b, c) == -small * small


def test_lanes_are_one_type_per_scalar_and_count():
    assert Lanes(types.float32, 16) == Lanes(types.float32, 16)
    assert Lanes(types.float32, 16) != Lanes(types.float32, 8) != Lanes(types.float64, 8)


def test_view_writes_through():
    @njit
    def double(array):
        pointer = view(array)
        for k in range(len(array)):
            pointer[k] = 2 * pointer[k]

    array = np.arange(5)
    double(array)
    assert array.tolist() == [0, 2, 4, 6, 8]


def test_aligned_begins_on_a_cache_line():
    for count in (1, 7, 100):
        copy = lanes.aligned(np.arange(count, dtype=np.int8).reshape(1, -1))
        assert copy.ctypes.data % lanes.CACHE_LINE == 0
        assert copy.tolist() == list(range(count))
