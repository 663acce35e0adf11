"""From Amaranth components to text: Verilog for simulators and synthesis, RTLIL for CXXRTL."""
