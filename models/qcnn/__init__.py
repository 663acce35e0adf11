"""Quantum convolutional networks and hybrid filters on a cluster state, simulated exactly."""
