"""Frozen parameters and protocols, the only thing that rtl shares with the emulators."""
