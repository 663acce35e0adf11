"""Searches that keep one spin a byte, for couplings of any kind."""
