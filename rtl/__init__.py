"""The p-computer in Amaranth, one component a file."""
