"""A plain Verilog testbench that loads a program through the register bus and holds the first states against golden."""

from __future__ import annotations

from ...emulator.spec.fabric.register_map import FIFO_BASE, MAGIC, Control, Register
from ...rtl.verilog.emit import TOP

BENCH = "testbench"  # its module, behind the same prefix as the design

_TEXT = """\
// Loads a p-computer through its register bus and checks its first {n_states} states, a sweep each, against states.hex.
// In the folder of the files:  {command}
// Prints one line: PASS, or FAIL and the first word that differs. The bus is described in bus.md.
/* verilator lint_off STMTDLY */       // a bench has delays
/* verilator lint_off INITIALDLY */
/* verilator lint_off BLKSEQ */        // and a clock of its own
/* verilator lint_off UNUSED */        // and registers narrower than the bus
/* verilator lint_off WIDTH */
/* verilator lint_off DECLFILENAME */
module {bench};
  parameter FOLDER = ".";  // where the .hex files lie

  reg clk, rst, write;
  reg [15:0] address;
  reg [31:0] write_data;
  wire [31:0] read_data;
  {top} dut (.clk(clk), .rst(rst), .address(address), .write(write), .write_data(write_data), .read_data(read_data));

  always #5 clk = ~clk;

  reg [31:0] words [0:{last_word}];
  reg [31:0] states [0:{last_state_word}];
  reg [31:0] word;
  integer k, state, clocks, failed;

  // Pins change at falling edges. A write acts at the rising edge between two of them.
  task store;
    input [15:0] at;
    input [31:0] data;
    begin
      address = at; write_data = data; write = 1;
      @(negedge clk);
      write = 0;
    end
  endtask

  // One rising edge after its address has come, a register stands on read_data.
  task fetch;
    input [15:0] at;
    begin
      address = at; write = 0;
      @(negedge clk);
      word = read_data;
    end
  endtask

  task store_words;  // the first `count` of `words`, one after the other to one address
    input [15:0] at;
    input integer count;
    for (k = 0; k < count; k = k + 1) store(at, words[k]);
  endtask

  task expect_word;
    input [15:0] at;
    input [31:0] wanted;
    begin
      fetch(at);
      if (word !== wanted && !failed) begin
        $display("FAIL: address %h reads %h, not %h (state %0d)", at, word, wanted, state);
        failed = 1;
      end
    end
  endtask

  initial begin
    clk = 0; rst = 1; write = 0; address = 0; write_data = 0; failed = 0; state = 0;
    @(negedge clk); @(negedge clk);
    rst = 0;
    expect_word(16'h{magic_at:04x}, 32'h{magic:08x});  // MAGIC
    expect_word(16'h{low_at:04x}, 32'h{low:08x});  // DESIGN_LOW, DESIGN_HIGH: these files belong to this design
    expect_word(16'h{high_at:04x}, 32'h{high:08x});

{load}
    $readmemh({{FOLDER, "/states.hex"}}, states, 0, {last_state_word});
    for (state = 0; state < {n_states} && !failed; state = state + 1) begin
      fetch(16'h{level_at:04x});  // FIFO_LEVEL
      while (word === 0) fetch(16'h{level_at:04x});
      for (k = 0; k < {n_words}; k = k + 1) expect_word(16'h{fifo_base:04x} + k, states[{n_words} * state + k]);
      store(16'h{pop_at:04x}, 0);  // FIFO_POP
    end
    if (!failed) $display("PASS: {n_states} states equal golden's");
    $finish;
  end

  initial begin
    for (clocks = 0; clocks < {most_clocks}; clocks = clocks + 1) @(posedge clk);
    $display("FAIL: no answer within {most_clocks} clocks (state %0d)", state);
    $finish;
  end
endmodule
"""


def bench_name(top):
    """Return the name of the bench of a design.

    >>> bench_name("left_p_computer")
    'left_testbench'
    """
    return top.removesuffix(TOP) + BENCH


def bench_command(top):
    """Return the command line that runs the bench of a design in its folder."""
    bench = bench_name(top)
    return f"iverilog -g2005 -s {bench} -o {bench}.vvp {bench}.v {top}.v && vvp {bench}.vvp"


def testbench_text(files, top):
    """Return the testbench of a program.

    Parameters
    ----------
    files : ProgramFiles
        What is loaded and what shall come out.
    top : str
        Name of the design's top module.

    Returns
    -------
    str
        Verilog 2001.
    """
    spec, n_words = files.program.spec, files.states.shape[1]
    return _TEXT.format(
        top=top,
        bench=bench_name(top),
        command=bench_command(top),
        last_word=max(len(words) for words in files.words.values()) - 1,
        last_state_word=files.states.size - 1,
        n_states=files.n_states,
        n_words=n_words,
        magic_at=int(Register.MAGIC),
        magic=MAGIC,
        low_at=int(Register.DESIGN_LOW),
        low=spec.design_id & 0xFFFFFFFF,
        high_at=int(Register.DESIGN_HIGH),
        high=spec.design_id >> 32,
        level_at=int(Register.FIFO_LEVEL),
        pop_at=int(Register.FIFO_POP),
        fifo_base=FIFO_BASE,
        most_clocks=files.most_clocks,
        load="".join(f"    {line}\n" for line in _load_lines(files)),
    )


def _load_lines(files):
    """Return the statements that load and start the machine, in the order of `program_writes` and `start_writes`."""
    counts = {name: len(words) for name, words in files.words.items()}
    lines = [*_plane("couplings", Register.WEIGHTS, counts), *_plane("offsets", Register.OFFSETS, counts)]
    lines += [_store(Register.TABLE_ADDRESS, 0), *_plane("table", Register.TABLE_DATA, counts)]
    lines += [_store(Register.SEGMENT_ADDRESS, 0), _read("schedule", counts)]
    lines += [f"for (state = 0; state < {counts['schedule'] // 2}; state = state + 1) begin"]
    lines += [f"  {_store(Register.SEGMENT_PAGE, 'words[2 * state]')}"]
    lines += [f"  {_store(Register.SEGMENT_SWEEPS, 'words[2 * state + 1]')}", "end"]
    lines += [_store(register, value) for register, value in files.settings]
    lines += _plane("seeds", Register.SEEDS, counts)
    lines += [*_plane("first", Register.CLAMPS, counts), _store(Register.CONTROL, Control.LOAD | Control.CLEAR)]
    return [*lines, *_plane("clamps", Register.CLAMPS, counts), _store(Register.CONTROL, Control.RUN)]


def _plane(name, register, counts):
    """Return the statements that send a file to one address; none for a file without words."""
    if not counts[name]:
        return []
    return [_read(name, counts), f"store_words(16'h{int(register):04x}, {counts[name]});  // {register.name}"]


def _read(name, counts):
    return f'$readmemh({{FOLDER, "/{name}.hex"}}, words, 0, {counts[name] - 1});'


def _store(register, value):
    value = value if isinstance(value, str) else int(value)
    return f"store(16'h{int(register):04x}, {value});  // {register.name}"
