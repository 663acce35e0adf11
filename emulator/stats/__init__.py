"""Gates with a controlled false-alarm rate, and the diagnostics of a chain."""
