"""Hardware as Python: oracle, reference, golden and device emulators."""
