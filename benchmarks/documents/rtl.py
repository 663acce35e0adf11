"""The table of ``bench rtl --quick`` as a document.

Command: ``python -m spinchip.benchmarks.documents.rtl docs/results/rtl.md [P-BITS ...]``.
"""

from __future__ import annotations

import sys

from ...emulator.spec.files.atomic_write import whole_file
from ..rtl import rows
from .gibbs import machine

HEAD = """# Engines that run the RTL, and the board's link

Made by `python -m spinchip.benchmarks.documents.rtl {arguments}`; without numbers of p-bits it takes 16, 64 and 512. It
needs the extra `fpga` for the netlist.

- Machine: {machine}.
- One run, one round, processor time with that of child processes; loading left out. Ratios are to the peer named.
- Each update is one attempt of one p-bit. Compiled RTL is CXXRTL through `g++ -O2`; "translation and g++" is what the
  first use of a design costs, later ones take the kept library.
- The link is measured in clocks of the simulated board at 12 clocks per bit, which is 1 Mbaud at 12 MHz; the wire limit
  is one byte in ten bits, and the host answers at once.

| what | value | unit | peer | ratio |
|---|---|---|---|---|
"""


def table(found, arguments):
    """Return the rows of `rtl.rows` as Markdown; ``arguments`` are those of the command that made them."""
    return HEAD.format(machine=machine(), arguments=arguments) + "".join(_line(row) for row in found)


def _line(row):
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
    return f"| {row['name']} | {row['value']:,.3g} | {row['unit']} | {row['peer']} | {ratio} |\n"


if __name__ == "__main__":
    measured = table(rows(quick=True, sizes=[int(size) for size in sys.argv[2:]]), " ".join(sys.argv[1:]))
    with whole_file(sys.argv[1]) as handle:
        handle.write(measured)
