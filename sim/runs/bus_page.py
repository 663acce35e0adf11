"""The page about the register bus that stands beside the Verilog: timing, addresses, loading, a run."""

from __future__ import annotations

from ...emulator.spec.fabric.register_map import SPINS_BASE, Control, Register, Status, Where, plane_words
from ..cosim.testbench import bench_command, bench_name

# Checked clock by clock in tests/cosim/test_rtl_folder.py, and the same in docs/register-bus.md.
WAVEFORM = """\
edge            1       2       3       4       5
clk         \\___/~~~\\___/~~~\\___/~~~\\___/~~~\\___/~~~\\_
write       /~~~~~~~\\_________________________________
address     < A             | B     | C     >---------
write_data  < new   >---------------------------------
read_data   ----< old A | new A | B     | C     >-----
"""
# What a host puts on the pins before an edge, and what read_data shows behind it; the same scenario in numbers.
CLOCKS = (
    # write, address, write_data, read_data
    (1, Register.RECORD_AFTER, 7, 0),
    (0, Register.RECORD_AFTER, 0, 7),
    (0, Register.N_COLORS, 0, "n_colors"),
    (0, Register.RECORD_EVERY, 0, 0),
)
_TEXT = """\
# The register bus of `{top}`

Made for {n_pbits} p-bits, {n_edges} couplings and {n_colors} colours. All registers with their addresses are in
`registers.json`; p-bits, edges, colours and word formats in `manifest.json`.

## Pins

| pin | width | |
|---|---|---|
| `clk` | 1 | everything acts at its rising edge |
| `rst` | 1 | synchronous; one edge with it high is a whole reset, and none is needed after power-up |
| `address` | 16 | word address |
| `write` | 1 | high for one edge a write |
| `write_data` | 32 | |
| `read_data` | 32 | registered: behind an edge it shows what stood at the address before it |

There is no handshake and no wait state: a read takes one edge, a write one edge, and they may follow each other in
every clock. Reading has no side effect.

```
{waveform}```

Edge 1 stores `new` in A, and `read_data` shows what A held before. Edge 2 reads it back. Reads of B and C follow clock
by clock. Change the pins after an edge and before the next; falling edges do, as in the testbench.

One address answers an edge later: behind a write of TABLE_ADDRESS at edge 1, TABLE_DATA (0x{table_data:02x}) shows the
new word when it is read at edge 3.

While the machine is busy it refuses every write but to FREEZE, FIFO_POP and CONTROL with HALT, and counts it in
REFUSED.

| register | bits |
|---|---|
| CONTROL (0x{control:02x}) | {control_bits}; HALT ends a run at once; CLEAR zeroes counters, empties the FIFO |
| STATUS (0x{status:02x}) | {status_bits} (by a full FIFO) |
| FREEZE (0x{freeze:02x}) | 1 holds the machine, as for reading the present spins at 0x{spins:04x}; 0 lets it go on |

## Loading and running

Each plane is a chain of words behind one address: as many writes as it has words fill it, first word first.

{planes}
Couplings come in the order of the manifest's `edges` (dense: row by row). A coupling word is sign and magnitude: the
top bit is set for J < 0. An offset word is bias minus the sum of the magnitudes of the p-bit's couplings, in two's
complement. Both count steps: J = word * step, and a format s[a][b] has steps of 2^-b.

Then, in this order (the testbench of `spinchip rtl ... --beta B --sweeps N` does all of it, from `.hex` files):

1. TABLE_ADDRESS = 0, then the activation table to TABLE_DATA, which steps the address: {n_entries} words for each
   beta, {compare_bits} bits each. Entry k is the threshold of field word k; negative fields follow the others, as in
   two's complement.
2. SEGMENT_ADDRESS = 0, then for each segment SEGMENT_PAGE (which table) and SEGMENT_SWEEPS, which steps the address.
3. SEGMENTS, RECORD_AFTER, RECORD_EVERY, and RECORD_WHERE = {fifo} for the FIFO.
4. CLAMPS: 2 | bit for the first state of each p-bit, CONTROL = {load} (load, clear counters), then CLAMPS again: 0 is
   free.
5. CONTROL = {run} starts the schedule. STATUS is odd until it ends.

A recorded state waits in the FIFO of {fifo_depth}; a full FIFO stalls the machine, so that no state is lost. FIFO_LEVEL
says how many there are, 0x0800 + k holds p-bits 32 k ... 32 k + 31 of the oldest, the lowest in bit 0, and FIFO_POP
drops it.

## Other couplings at run time

Couplings, offsets, tables and schedule stay until they are written again. To change one coupling:

1. Wait until STATUS is even, or write CONTROL = {halt} (HALT). Then CONTROL = {clear} (CLEAR).
2. Write all words of WEIGHTS again, the new one in its place (dense: in both rows), since a plane is a chain.
3. Write all words of OFFSETS again: those of the coupling's two p-bits fall by what its magnitude has grown.
4. Go on with step 4 above; SEEDS before it repeat the random words.

## The testbench

    {command}

loads the program (beta {beta!r}, {n_sweeps} sweeps, seed {seed}) and holds the first {n_states} states against
`states.hex`, which is what the bit-exact model in software draws. It prints one line that begins with PASS or FAIL.
From another folder: `-P{bench}.FOLDER='"this/folder"'`.
"""


def bus_page(spec, top, program):
    """Return the page.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    top : str
        Name of its top module.
    program : ProgramFiles
        What the testbench in the same folder loads.

    Returns
    -------
    str
        Page as Markdown.
    """
    planes = [
        f"* {register.name} (0x{int(register):02x}): {n_words} words of {width} bits\n"
        for register, (n_words, width) in plane_words(spec).items()
        if n_words and register is not Register.MOMENTS
    ]
    return _TEXT.format(
        top=top,
        n_pbits=spec.n_pbits,
        n_edges=len(spec.edges),
        n_colors=spec.n_colors,
        waveform=WAVEFORM,
        planes="".join(planes),
        table_data=int(Register.TABLE_DATA),
        n_entries=spec.n_table_entries,
        compare_bits=spec.compare_bits,
        fifo=int(Where.FIFO),
        load=int(Control.LOAD | Control.CLEAR),
        run=int(Control.RUN),
        halt=int(Control.HALT),
        clear=int(Control.CLEAR),
        **_bits(),
        fifo_depth=spec.fifo_depth,
        bench=bench_name(top),
        command=bench_command(top),
        beta=program.beta,
        n_sweeps=program.n_sweeps,
        seed=program.seed,
        n_states=program.n_states,
    )


def _bits():
    """Return what the page tells of the registers that are made of bits; dict."""
    return {
        "control": int(Register.CONTROL),
        "control_bits": ", ".join(f"{int(bit)} {bit.name}" for bit in Control),
        "status": int(Register.STATUS),
        "status_bits": ", ".join(f"{int(bit)} {bit.name.lower()}" for bit in Status),
        "freeze": int(Register.FREEZE),
        "spins": SPINS_BASE,
    }
