"""Couplings and biases from states or moments."""
