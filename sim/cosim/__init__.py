"""RTL in simulators: Icarus, CXXRTL, Amaranth; lockstep with golden."""
