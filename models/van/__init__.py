"""Variational autoregressive networks: exact references, networks, training, and directed p-bits that sample them."""
