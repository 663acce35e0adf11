"""Speeds beside peers, measured in one run, as ratios."""
