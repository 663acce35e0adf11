"""Golden twins of the controller of a crossbar tile, and its cycle-exact traces."""
