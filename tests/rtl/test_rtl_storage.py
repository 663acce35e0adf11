"""Scan plane, snapshot FIFO and moment counters in hardware against lists and sums."""

from collections import deque

import numpy as np
import pytest

from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.rtl.fabric.moments import Moments
from spinchip.rtl.fabric.scan_plane import ScanPlane
from spinchip.rtl.fabric.snapshot_fifo import SnapshotFifo


@pytest.mark.parametrize(("n_words", "width"), [(1, 1), (1, 7), (5, 3), (40, 2)])
def test_scan_plane_fills_in_order(simulate, n_words, width):
    plane = ScanPlane(n_words, width)
    rng = np.random.default_rng(n_words)

    async def bench(context):
        held = [0] * n_words
        for shift in rng.integers(0, 2, 4 * n_words + 20).tolist():
            data = int(rng.integers(0, 1 << width))
            context.set(plane.shift, shift)
            context.set(plane.data, data)
            await context.tick()
            held = [*held[1:], data] if shift else held
            assert [context.get(plane.word(k)) for k in range(n_words)] == held
        assert any(held)

    simulate(plane, bench)


def test_scan_plane_survives_being_read(simulate):
    """N times "read the head, write it back" leaves a plane as it was."""
    plane, words = ScanPlane(6, 4), [3, 15, 0, 8, 1, 9]

    async def bench(context):
        context.set(plane.shift, 1)
        for word in words:
            context.set(plane.data, word)
            await context.tick()
        read = []
        for _ in words:
            read.append(context.get(plane.word(0)))
            context.set(plane.data, read[-1])
            await context.tick()
        assert read == words == [context.get(plane.word(k)) for k in range(6)]

    simulate(plane, bench)


@pytest.mark.parametrize(("n_words", "depth"), [(1, 2), (3, 4), (2, 16)])
def test_fifo_keeps_order_and_knows_its_level(simulate, n_words, depth):
    fifo, rng = SnapshotFifo(n_words, depth), np.random.default_rng(depth)
    levels = set()

    async def bench(context):
        held = deque()
        for cycle in range(60 * depth):
            filling = cycle // (6 * depth) % 2 == 0  # by turns, so that it is full and empty several times
            push = len(held) < depth and rng.random() < (0.8 if filling else 0.2)
            pop = bool(held) and rng.random() < (0.2 if filling else 0.8)
            clear = rng.random() < 0.01
            state = rng.integers(0, 2**32, n_words).tolist()
            context.set(fifo.push, push)
            context.set(fifo.pop, pop)
            context.set(fifo.clear, clear)
            for k, word in enumerate(state):
                context.set(fifo.word[k], word)
            await context.tick()
            if pop:
                held.popleft()
            if push:
                held.append(state)
            if clear:
                held.clear()
            assert context.get(fifo.level) == len(held)
            assert context.get(fifo.full) == (len(held) == depth)
            shown = [context.get(fifo.head[k]) for k in range(n_words)]
            assert shown == (held[0] if held else [0] * n_words)
            levels.add(len(held))

    simulate(fifo, bench)
    assert levels == set(range(depth + 1))


@pytest.mark.promise("rtl.fabric.moments")
@pytest.mark.parametrize("moment_bits", [1, 3, 16])
def test_moments_count_ups_and_agreements(simulate, moment_bits):
    edges = ((0, 1), (0, 3), (1, 2), (2, 3))
    fixed = Fixed(1, 0)
    spec = FabricSpec(4, edges, (0, 1, 0, 1), fixed, fixed, fixed, moment_bits=moment_bits)
    moments, rng = Moments(spec), np.random.default_rng(moment_bits)

    async def bench(context):
        expected = np.zeros(len(edges) + 4, dtype=np.int64)
        for _ in range(60):
            bits, counts = rng.integers(0, 2, 4), int(rng.integers(0, 2))
            for i, bit in enumerate(bits.tolist()):
                context.set(moments.bit[i], bit)
            context.set(moments.accumulate, counts)
            await context.tick()
            expected += counts * np.array([*bits, *(bits[i] == bits[j] for i, j in edges)])
        context.set(moments.accumulate, 0)
        context.set(moments.shift, 1)
        read = []
        for _ in expected:
            read.append(context.get(moments.head))
            context.set(moments.data, 1)
            await context.tick()
        assert read == (expected % 2**moment_bits).tolist()
        assert context.get(moments.head) == 1
        assert (moment_bits == 16) == (expected.max() < 2**moment_bits)  # the narrow ones wrapped

    simulate(moments, bench)
