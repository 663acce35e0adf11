"""Invertible logic and other problems as Ising models."""
