"""Arrays of physical p-bits: clocked, autonomous, and clocks for digital ones."""
