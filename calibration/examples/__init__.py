"""Example files of measured data, drawn from emulated devices."""
