"""The register bus: address decoding, settings, counters, and the refusal of untimely writes."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...emulator.spec.fabric.register_map import (
    ADDRESS_BITS,
    FIFO_BASE,
    SPINS_BASE,
    Control,
    Register,
    identity,
    plane_words,
    setting_bits,
)
from .bus_signature import members_of


def _plane_bits(spec):
    """Return the word width of each configuration shift register that the design has [bit]."""
    return {register: width for register, (n_words, width) in plane_words(spec).items() if n_words}


class RegisterBus(wiring.Component):
    """Decoder between the host's bus and the machine; twin: ``emulator.golden.fabric.machine``.

    Members
    -------
    address, write, write_data, read_data
        The bus, see `RegisterBusSignature`.
    busy, stalled, active, sweeps, saturated, accumulate, fifo_level, bank_data, spins, head : In
        What the machine shows, and the events that are counted.
    start, load, halt, clear, pop, table_write, segment_write : Out(1)
        Strobes of accepted writes.

    Timing
    ------
    Strobes are combinational; ``read_data`` is registered. A refused write changes nothing but REFUSED.
    """

    def __init__(self, spec):
        self._spec = spec
        self._n_words = -(-spec.n_pbits // 32)
        strobes = ("start", "load", "halt", "clear", "pop", "table_write", "segment_write")
        members = members_of(ADDRESS_BITS) | {
            "busy": In(1),
            "stalled": In(1),
            "active": In(1),
            "sweeps": In(32),
            "saturated": In(1),
            "accumulate": In(1),
            "fifo_level": In(range(spec.fifo_depth + 1)),
            "bank_data": In(spec.compare_bits),
        }
        members |= {name: Out(1) for name in strobes}
        members |= {"spins": In(32).array(self._n_words), "head": In(32).array(self._n_words)}
        members |= {_setting_name(register): Out(bits) for register, bits in setting_bits(spec).items()}
        for register, bits in _plane_bits(spec).items():
            members |= {f"{register.name.lower()}_shift": Out(1), f"{register.name.lower()}_head": In(bits)}
        super().__init__(members)

    def setting(self, register):
        """Return the signal that holds a setting."""
        return getattr(self, _setting_name(register))

    def plane_shift(self, register):
        """Return the shift strobe of a configuration shift register."""
        return getattr(self, f"{register.name.lower()}_shift")

    def plane_head(self, register):
        """Return the input for the head word of a configuration shift register."""
        return getattr(self, f"{register.name.lower()}_head")

    def elaborate(self, platform):
        m = Module()
        accepted = self._decode(m)
        self._read(m, self._counters(m, accepted))
        return m

    def _decode(self, m):
        """Add the strobes and settings; return the signal that says whether a write was accepted."""
        accepted = Signal()
        idle = Signal()
        data = self.write_data
        m.d.comb += idle.eq(~self.busy)
        with m.If(self.write):
            with m.Switch(self.address):
                with m.Case(Register.CONTROL):
                    self._decode_control(m, idle, accepted)
                with m.Case(Register.FREEZE):
                    m.d.comb += accepted.eq(1)
                    m.d.sync += self.setting(Register.FREEZE).eq(data)
                with m.Case(Register.FIFO_POP):
                    m.d.comb += [accepted.eq(self.fifo_level != 0), self.pop.eq(accepted)]
                with m.Case(Register.SEGMENTS):
                    m.d.comb += accepted.eq(idle & (data <= self._spec.n_segments))
                with m.Case(Register.TABLE_DATA):
                    m.d.comb += [accepted.eq(idle), self.table_write.eq(idle)]
                with m.Case(Register.SEGMENT_SWEEPS):
                    m.d.comb += [accepted.eq(idle), self.segment_write.eq(idle)]
                for register in _plane_bits(self._spec):
                    with m.Case(register):
                        m.d.comb += [accepted.eq(idle), self.plane_shift(register).eq(idle)]
                plain = [r for r in setting_bits(self._spec) if r not in (Register.FREEZE, Register.SEGMENTS)]
                with m.Case(*plain):
                    m.d.comb += accepted.eq(idle)
        self._settings(m, accepted)
        return accepted

    def _decode_control(self, m, idle, accepted):
        data = self.write_data
        wants_run = (data & Control.RUN.value) != 0
        with m.If((data & Control.HALT.value) != 0):
            m.d.comb += [accepted.eq(1), self.halt.eq(1)]
        with m.Elif(idle & ~(wants_run & (self.setting(Register.SEGMENTS) == 0))):
            m.d.comb += [
                accepted.eq(1),
                self.start.eq(wants_run),
                self.load.eq(wants_run | ((data & Control.LOAD.value) != 0)),
                self.clear.eq((data & Control.CLEAR.value) != 0),
            ]

    def _settings(self, m, accepted):
        """Add the registers that keep what is written, two of which step by themselves."""
        for register in setting_bits(self._spec):
            if register is not Register.FREEZE:
                with m.If(accepted & (self.address == register)):
                    m.d.sync += self.setting(register).eq(self.write_data)
        for strobe, register in (
            (self.table_write, Register.TABLE_ADDRESS),
            (self.segment_write, Register.SEGMENT_ADDRESS),
        ):
            with m.If(strobe):
                m.d.sync += self.setting(register).eq(self.setting(register) + 1)

    def _counters(self, m, accepted):
        """Add and return the counters of events since CLEAR."""
        events = {
            Register.CYCLES: self.active,
            Register.SATURATIONS: self.saturated,
            Register.REFUSED: self.write & ~accepted,
            Register.MOMENT_COUNT: self.accumulate,
        }
        counts = {register: Signal(32, name=register.name.lower()) for register in events}
        for register, event in events.items():
            with m.If(self.clear):
                m.d.sync += counts[register].eq(0)
            with m.Elif(event):
                m.d.sync += counts[register].eq(counts[register] + 1)
        return counts

    def _read(self, m, counts):
        """Add the read multiplexer: wide blocks first, so that idle spins wake no large process."""
        spec = self._spec
        live = {
            Register.STATUS: Cat(self.busy, self.setting(Register.FREEZE), self.stalled),
            Register.SWEEPS: self.sweeps,
            Register.FIFO_LEVEL: self.fifo_level,
            Register.TABLE_DATA: self.bank_data,
        }
        live |= counts | {register: self.setting(register) for register in setting_bits(spec)}
        live |= {register: self.plane_head(register) for register in _plane_bits(spec)}
        m.d.sync += self.read_data.eq(0)
        with m.Switch(self.address):
            for register, value in {**identity(spec), **live}.items():
                with m.Case(int(register)):
                    m.d.sync += self.read_data.eq(value)
            for base, name in ((SPINS_BASE, "spins"), (FIFO_BASE, "head")):
                for k in range(self._n_words):
                    with m.Case(base + k):
                        m.d.sync += self.read_data.eq(getattr(self, name)[k])


def _setting_name(register):
    return f"setting_{register.name.lower()}"
