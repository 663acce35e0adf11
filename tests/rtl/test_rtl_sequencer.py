"""The sequencer in hardware against the schedule written out cycle by cycle."""

import pytest

from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.register_map import Phase
from spinchip.emulator.spec.fixed import Fixed
from spinchip.rtl.fabric.sequencer import Sequencer

SEGMENTS = [(1, 2), (1, 0), (0, 1), (0, 3), (1, 1)]  # page, sweeps


def fabric(n_colors):
    """Return a fabric of single p-bits, one of each colour, with tables of four entries."""
    fixed = Fixed(1, 0)
    return FabricSpec(n_colors, (), tuple(range(n_colors)), fixed, fixed, fixed, n_pages=2, n_segments=8)


def written_out(spec, segments, loaded=None):
    """Return (phase, colour of an update or None, address of a table write or None) of every busy cycle."""
    trace = []
    for page, n_sweeps in segments:
        trace.append((Phase.FETCH, None, None))
        if n_sweeps and page != loaded:
            trace += [(Phase.LOAD, None, entry) for entry in (None, *range(spec.n_table_entries))]
            loaded = page
        trace += [(Phase.SWEEP, color, None) for _ in range(n_sweeps) for color in range(spec.n_colors)]
    return trace


async def load(context, sequencer, segments):
    """Write the schedule memory."""
    context.set(sequencer.segment_write, 1)
    for address, (page, n_sweeps) in enumerate(segments):
        context.set(sequencer.segment_address, address)
        context.set(sequencer.segment_page, page)
        context.set(sequencer.segment_sweeps, n_sweeps)
        await context.tick()
    context.set(sequencer.segment_write, 0)
    context.set(sequencer.segments, len(segments))


async def watch(context, sequencer, pause=lambda cycle: False):
    """Start, and return the trace up to the idle phase, with the cycles of each record; freeze where told."""
    context.set(sequencer.start, 1)
    await context.tick()
    context.set(sequencer.start, 0)
    trace, pushes, sweeps, cycle = [], [], [], 0
    while context.get(sequencer.busy):
        context.set(sequencer.freeze, pause(cycle))
        if context.get(sequencer.push):
            pushes.append(context.get(sequencer.sweeps))
        phase = Phase(context.get(sequencer.phase))
        color = context.get(sequencer.color) if context.get(sequencer.step) else None
        entry = context.get(sequencer.table_address) if context.get(sequencer.table_write) else None
        if phase and not (phase == Phase.SWEEP and color is None):
            trace.append((phase, color, entry))
        cycle += 1
        assert cycle < 1000
        await context.tick()
        sweeps.append(context.get(sequencer.sweeps))
    return trace, pushes, sweeps


@pytest.mark.promise("rtl.control")
@pytest.mark.parametrize("n_colors", [1, 2, 3, 5])
def test_every_cycle_is_as_written_out(simulate, n_colors):
    spec = fabric(n_colors)
    sequencer = Sequencer(spec)

    async def bench(context):
        await load(context, sequencer, SEGMENTS)
        trace, pushes, sweeps = await watch(context, sequencer)
        assert trace == written_out(spec, SEGMENTS)
        assert pushes == []
        assert sweeps[-1] == sum(n for _, n in SEGMENTS)
        trace, _, _ = await watch(context, sequencer)
        assert trace == written_out(spec, SEGMENTS, loaded=1)  # the last page is still in the p-bits
        context.set(sequencer.table_invalid, 1)
        await context.tick()
        context.set(sequencer.table_invalid, 0)
        trace, _, _ = await watch(context, sequencer)
        assert trace == written_out(spec, SEGMENTS)

    simulate(sequencer, bench)


def test_freeze_stretches_and_changes_nothing(simulate):
    spec = fabric(3)
    sequencer = Sequencer(spec)

    async def bench(context):
        await load(context, sequencer, SEGMENTS)
        trace, _, _ = await watch(context, sequencer, pause=lambda cycle: cycle % 3 != 0)
        assert trace == written_out(spec, SEGMENTS)

    simulate(sequencer, bench)


@pytest.mark.parametrize(
    ("after", "every", "expected"),
    [(0, 1, [1, 2, 3, 4, 5, 6, 7]), (0, 3, [3, 6]), (2, 2, [4, 6]), (6, 1, [7]), (7, 1, []), (0, 0, [])],
)
def test_records_follow_burn_in_and_thinning(simulate, after, every, expected):
    sequencer = Sequencer(fabric(2))

    async def bench(context):
        await load(context, sequencer, SEGMENTS)
        context.set(sequencer.to_fifo, 1)
        context.set(sequencer.record_after, after)
        context.set(sequencer.record_every, every)
        for _ in range(2):  # RUN starts the counts anew
            _, pushes, _ = await watch(context, sequencer)
            assert pushes == expected

    simulate(sequencer, bench)


@pytest.mark.promise("rtl.fifo")
def test_full_fifo_stalls_before_the_next_update(simulate):
    sequencer = Sequencer(fabric(2))

    async def bench(context):
        await load(context, sequencer, [(0, 3)])
        context.set(sequencer.to_fifo, 1)
        context.set(sequencer.record_every, 1)
        context.set(sequencer.fifo_full, 1)
        context.set(sequencer.start, 1)
        await context.tick()
        context.set(sequencer.start, 0)
        for _ in range(50):
            await context.tick()
        assert context.get(sequencer.stalled)
        assert not context.get(sequencer.step)
        assert context.get(sequencer.sweeps) == 1
        context.set(sequencer.fifo_full, 0)
        assert context.get(sequencer.push)
        assert context.get(sequencer.step)
        for _ in range(10):
            await context.tick()
        assert not context.get(sequencer.busy)
        assert context.get(sequencer.sweeps) == 3

    simulate(sequencer, bench)


@pytest.mark.parametrize("n_cycles", range(1, 18))
def test_halt_is_idle_at_once(simulate, n_cycles):
    sequencer = Sequencer(fabric(3))

    async def bench(context):
        await load(context, sequencer, SEGMENTS)
        context.set(sequencer.start, 1)
        await context.tick()
        context.set(sequencer.start, 0)
        for _ in range(n_cycles - 1):
            await context.tick()
        assert context.get(sequencer.busy)
        context.set(sequencer.halt, 1)
        await context.tick()
        context.set(sequencer.halt, 0)
        assert not context.get(sequencer.busy)
        trace, _, _ = await watch(context, sequencer)
        assert trace[-1] == (Phase.SWEEP, 2, None)
        assert sum(phase == Phase.SWEEP for phase, _, _ in trace) == 21  # a halt leaves nothing behind

    simulate(sequencer, bench)
