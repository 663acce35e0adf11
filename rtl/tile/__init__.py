"""The controller of a crossbar tile in Amaranth."""
