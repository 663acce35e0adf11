"""The register bus as a signature: one address, a write strobe, and data a cycle after their address."""

from __future__ import annotations

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class RegisterBusSignature(wiring.Signature):
    """Register bus, from the side of the host.

    Parameters
    ----------
    address_bits : int
        Width of an address.

    Members
    -------
    address, write, write_data : Out(address_bits), Out(1), Out(32)
        A write acts at the end of its cycle.
    read_data : In(32)
        Contents of the address of the previous cycle.
    """

    def __init__(self, address_bits):
        self.address_bits = address_bits
        super().__init__(
            {"address": Out(address_bits), "write": Out(1), "write_data": Out(32), "read_data": In(32)},
        )

    def __eq__(self, other):
        return type(other) is type(self) and other.address_bits == self.address_bits


def members_of(address_bits):
    """Return the members of a top on this bus: ports with the plain names that hosts, boards and benches know."""
    return dict(RegisterBusSignature(address_bits).flip().members.items())


def bus_of(top, address_bits):
    """Return the bus of a top, whose ports have plain names, as an interface that `wiring.connect` takes."""
    signature = RegisterBusSignature(address_bits).flip()
    interface = wiring.PureInterface(signature, path=("bus",))
    for name in signature.members:
        setattr(interface, name, getattr(top, name))
    return interface
