"""Golden twins of the replica fabrics."""
