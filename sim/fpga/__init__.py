"""Bitstreams: synthesis, place and route, clocks, boards."""
