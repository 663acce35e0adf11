"""Measured data: tables of instruments and loggers as numbers in SI units, and example files."""
