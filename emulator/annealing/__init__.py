"""Annealing, replicas and tempering: searches for states of lowest energy."""
