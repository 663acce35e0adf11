"""Invertible logic circuits: AND, ripple-carry adder, array multiplier; clamp any wires, read the others."""

from __future__ import annotations

from ...spec.errors import InputError
from ..edge_list import EdgeList
from .netlist import AND, FULL_ADDER, ZERO, Netlist

MAX_BITS = 1024


def and_gate() -> EdgeList:
    """Return y = a and b on spins a, b, y; see `netlist.AND`."""
    circuit = Netlist()
    a, b, y = circuit.wires(3)
    circuit.add(AND, a, b, y)
    return circuit.edge_list(0.0, {"a": [a], "b": [b], "y": [y]})


def adder(bits: int, copy: float = 0.0) -> EdgeList:
    """Return a ripple-carry adder, a + b + carry in = sum + 2^bits carry out.

    Parameters
    ----------
    bits : int
        Width of a and b.
    copy : float
        Strength of the couplings that make two spins equal, as in `Netlist.edge_list`.

    Returns
    -------
    EdgeList
        Spins a, b, cin, s and the carries; the last carry is ``cout``. Ground states are the 2^(2 bits + 1) sums.
    """
    _check_bits(bits)
    circuit = Netlist()
    a, b = circuit.wires(bits), circuit.wires(bits)
    (cin,) = circuit.wires(1)
    s, carries = circuit.wires(bits), circuit.wires(bits)
    for k in range(bits):
        circuit.add(FULL_ADDER, a[k], b[k], carries[k - 1] if k else cin, s[k], carries[k])
    return circuit.edge_list(copy, {"a": a, "b": b, "cin": [cin], "s": s, "cout": carries[-1:]})


def multiplier(bits: int, copy: float = 0.0) -> EdgeList:
    """Return an array multiplier, a b = p: an array of AND gates whose rows are added up by ripple-carry adders.

    Clamping p to a number and sampling factors it.

    Parameters
    ----------
    bits : int
        Width of a and b; p has twice as many bits (one bit: p has one, since 1 x 1 = 1).
    copy : float
        Strength of the couplings that make two spins equal, as in `Netlist.edge_list`.

    Returns
    -------
    EdgeList
        Spins a, b, then the partial products and carries. Ground states are the 2^(2 bits) products.
    """
    _check_bits(bits)
    circuit = Netlist()
    a, b = circuit.wires(bits), circuit.wires(bits)
    product, rest = [], []
    for k in range(bits):
        row = circuit.wires(bits)
        for i in range(bits):
            circuit.add(AND, a[i], b[k], row[i])
        rest = _sum_row(circuit, row, rest) if k else row
        product.append(rest.pop(0))
    return circuit.edge_list(copy, {"a": a, "b": b, "p": product + rest})


def _sum_row(circuit, row, rest):
    """Add two numbers; return the wires of the sum, one more than ``row`` has. ``rest`` may be one wire shorter."""
    rest = rest + [ZERO] * (len(row) - len(rest))
    total, carry = [], ZERO
    for first, second in zip(row, rest, strict=True):
        s, out = circuit.wires(2)
        circuit.add(FULL_ADDER, first, second, carry, s, out)
        total.append(s)
        carry = out
    return [*total, carry]


def _check_bits(bits):
    """Refuse widths below 1, and those that are surely a slip of the pen."""
    if not 1 <= bits <= MAX_BITS:
        raise InputError(f"Number of bits must be in 1..{MAX_BITS}, not {bits}")
