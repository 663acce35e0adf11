"""Backends: everything behind the Sampler protocol that is no plain emulator, and all of them by name."""
