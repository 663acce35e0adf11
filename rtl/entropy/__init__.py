"""Random sources, and the stages between junctions and the entropy port."""
