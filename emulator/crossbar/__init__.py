"""Crossbar tiles: weights as conductances, converters, tiling, products."""
