"""What surrounds a p-computer on an FPGA: pins, clocks, and the link."""
