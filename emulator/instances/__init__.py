"""Ising instances from files, generators, dimod and networkx, and back."""
