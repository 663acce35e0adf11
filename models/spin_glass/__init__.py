"""Spin glasses: residual and ground energies beside published ones."""
