"""Digits by small networks, in floating point and on analog hardware."""
