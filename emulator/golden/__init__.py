"""Integer twin of the RTL, equal bit for bit and cycle for cycle."""
