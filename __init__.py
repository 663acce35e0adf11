"""Co-design of probabilistic and in-memory computers, from couplings to hardware that provably samples."""
