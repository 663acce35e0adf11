"""Calibration of memristors, arrays and converters."""
