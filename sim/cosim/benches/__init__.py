"""cocotb benches that run inside the simulator."""
