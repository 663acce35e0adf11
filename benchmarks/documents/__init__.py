"""Writers of the documents in docs/results: ``python -m spinchip.benchmarks.documents.NAME FILE``."""
