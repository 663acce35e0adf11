"""A dipolar gas in a harmonic trap: collisions, loss, thermalisation (arXiv:2103.06246)."""
