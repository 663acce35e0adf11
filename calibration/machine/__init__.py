"""Calibration of a whole p-bit machine from states that it drew."""
