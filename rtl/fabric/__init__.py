"""The sparse and the dense fabric in Amaranth, and their parts."""
