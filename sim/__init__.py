"""Simulators, backends, reports and the command line."""
