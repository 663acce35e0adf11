"""Replica fabrics in Amaranth."""
