"""Resistive lines of a crossbar: exact nodal solutions and the published approximations."""
