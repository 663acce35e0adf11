"""Calibration of sMTJs: dwell times, sigmoids, barriers."""
