"""Random generators: one 32-bit word a step, state loaded through the seed configuration shift register."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...emulator.spec.fabric.random_source import LFSR32_TAPS, RandomKind


class Generator(wiring.Component):
    """Base of the generators: a register chain of 32-bit words that steps or shifts.

    Members
    -------
    step : In(1)
        Advance to the next state.
    shift : In(1)
        Load: word k takes word k + 1, the last one takes ``shift_in``. Never together with ``step``.
    shift_in, shift_out : In(32), Out(32)
        Seed chain; ``shift_out`` is word 0.
    word : Out(32)
        Random word of the present state.

    Timing
    ------
    ``word`` belongs to the registered state; one new word per ``step``.
    """

    def __init__(self, spec):
        self._spec = spec
        super().__init__(
            {"step": In(1), "shift": In(1), "shift_in": In(32), "shift_out": Out(32), "word": Out(32)},
        )

    def _registers(self, m, following):
        """Add the state registers: ``following(state)`` returns the next values."""
        state = [Signal(32, name=f"state_{k}", reset_less=True) for k in range(self._spec.state_words)]
        chain = [*state[1:], self.shift_in]
        for register, after, before in zip(state, following(state), chain, strict=True):
            m.d.sync += register.eq(Mux(self.shift, before, Mux(self.step, after, register)))
        m.d.comb += self.shift_out.eq(state[0])
        return state


class Xorshift32(Generator):
    """Marsaglia's xorshift32 (13, 17, 5); twin: ``emulator.golden.fabric.random_kernels``."""

    def elaborate(self, platform):
        m = Module()
        # Named steps: Amaranth does not share subexpressions, and four copies halve the speed under Icarus. Shifts are
        # joined from slices: a shift operator would add a net wider than the word, bit by bit under Icarus.
        left = Signal(32)
        right = Signal(32)
        after = Signal(32)

        def following(state):
            m.d.comb += left.eq(state[0] ^ Cat(Const(0, 13), state[0][:19]))
            m.d.comb += right.eq(left ^ left[17:])
            m.d.comb += after.eq(right ^ Cat(Const(0, 5), right[:27]))
            return [after]

        state = self._registers(m, following)
        m.d.comb += self.word.eq(state[0])
        return m


class Xoshiro128Plus(Generator):
    """Blackman and Vigna's xoshiro128+; twin: ``emulator.golden.fabric.random_kernels``."""

    def elaborate(self, platform):
        m = Module()
        mixed_2 = Signal(32)
        mixed_3 = Signal(32)

        def following(state):
            s0, s1, s2, s3 = state
            m.d.comb += [mixed_2.eq(s2 ^ s0), mixed_3.eq(s3 ^ s1)]
            return [s0 ^ mixed_3, s1 ^ mixed_2, mixed_2 ^ (s1 << 9)[:32], mixed_3.rotate_left(11)]

        state = self._registers(m, following)
        m.d.comb += self.word.eq((state[0] + state[3])[:32])
        return m


class Lfsr32(Generator):
    """Fibonacci LFSR that leaps several shifts a step; twin: ``emulator.golden.fabric.random_kernels``.

    The leap is unrolled symbolically: every next bit is an XOR of present bits.
    """

    def elaborate(self, platform):
        m = Module()
        # Bit sets over GF(2): position b holds the present bits whose XOR it is.
        bits = [{b} for b in range(32)]
        for _ in range(self._spec.leap):
            fresh = set()
            for tap in LFSR32_TAPS:
                fresh = fresh ^ bits[tap - 1]
            bits = [fresh, *bits[:-1]]

        def following(state):
            return [Cat(_parity(state[0], sorted(terms)) for terms in bits)]

        state = self._registers(m, following)
        m.d.comb += self.word.eq(state[0])
        return m


def _parity(word, positions):
    result = word[positions[0]]
    for position in positions[1:]:
        result = result ^ word[position]
    return result


def generator_for(spec):
    """Return a generator component of the kind that a `RandomSpec` names."""
    kinds = {
        RandomKind.XORSHIFT32: Xorshift32,
        RandomKind.XOSHIRO128PLUS: Xoshiro128Plus,
        RandomKind.LFSR32: Lfsr32,
    }
    return kinds[spec.kind](spec)


def add_generators(m, spec, steps, shift, shift_in):
    """Add a chain of generators that are seeded through one another: the last takes what is written.

    Parameters
    ----------
    m : Module
        Module that gets them, as ``random_0`` and so on.
    spec : RandomSpec
        Their kind.
    steps : list of Value
        The strobe of each, which takes its next word.
    shift, shift_in : Value
        Strobe and word of a write to the seeds.

    Returns
    -------
    list of Generator
        The head of the chain, ``shift_out`` of the first, is what a host reads.
    """
    generators = [generator_for(spec) for _ in steps]
    followers = [*(generator.shift_out for generator in generators[1:]), shift_in]
    for g, (generator, step, follower) in enumerate(zip(generators, steps, followers, strict=True)):
        m.submodules[f"random_{g}"] = generator
        m.d.comb += [generator.step.eq(step), generator.shift.eq(shift), generator.shift_in.eq(follower)]
    return generators


def slices_of(generators, spec, compare_bits):
    """Return the random slices of generators in the order of slots: the high bits of each part of a word."""
    tops = [32 - part * spec.slice_bits for part in range(spec.slices)]
    return [generator.word[top - compare_bits : top] for generator in generators for top in tops]
