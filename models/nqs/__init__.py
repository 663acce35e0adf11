"""Neural quantum states: physics, restricted Boltzmann machines, their sampling by p-bits, and training."""
