"""P-bits watched live in a browser."""
