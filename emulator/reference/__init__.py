"""Float samplers in numba: right in distribution, fast."""
