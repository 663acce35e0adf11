"""Golden machines and samplers of the sparse and the dense fabric."""
