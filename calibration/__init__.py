"""Measured traces in, device cards with intervals out."""
