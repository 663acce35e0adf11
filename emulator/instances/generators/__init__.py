"""Generators of instances, by name."""
