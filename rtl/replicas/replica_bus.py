"""The bus of replica machines: writes that are refused while busy, and registers shown a cycle later."""

from __future__ import annotations

from amaranth.hdl import Const, Signal

from ..fabric.bus_signature import members_of

ADDRESS_BITS = 5
BUS = members_of(ADDRESS_BITS)


def write_strobes(m, bus, registers, is_idle, always):
    """Return the write strobe of each register of a machine, named after it.

    Parameters
    ----------
    m : Module
        Module that gets them.
    bus : Component
        Has the members of `BUS`.
    registers : type of IntEnum
        The machine's registers.
    is_idle : Value
        Whether writes are taken.
    always : IntEnum
        The register that takes them at any time.

    Returns
    -------
    dict of IntEnum to Signal
    """
    strobes = {register: Signal(name=f"write_{register.name.lower()}") for register in registers}
    for register, strobe in strobes.items():
        allowed = Const(1) if register is always else is_idle
        m.d.comb += strobe.eq(bus.write & (bus.address == register) & allowed)
    return strobes


def show_registers(m, bus, shown):
    """Show a value at the address of each register, a cycle later, and 0 elsewhere.

    Parameters
    ----------
    m : Module
        Module that gets it.
    bus : Component
        Has the members of `BUS`.
    shown : dict of IntEnum to Value
        What is read.
    """
    with m.Switch(bus.address):
        for register, value in shown.items():
            with m.Case(register):
                m.d.sync += bus.read_data.eq(value)
        with m.Default():
            m.d.sync += bus.read_data.eq(0)
