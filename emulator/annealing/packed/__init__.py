"""Searches that keep one spin a bit: 512 replicas in a vector."""
