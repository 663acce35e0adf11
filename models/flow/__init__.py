"""Boltzmann generators: invertible networks that draw states of a potential, reweighted to its distribution."""
