"""The controller of a crossbar tile: parameters, timing, and the array that it meets."""
