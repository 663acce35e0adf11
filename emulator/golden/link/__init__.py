"""Golden twin of the host link."""
