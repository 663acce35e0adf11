"""Replica fabrics: parallel tempering and a ring of Trotter replicas."""
