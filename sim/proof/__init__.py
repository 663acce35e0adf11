"""Proofs: verdicts on samplers, mutants, agreement of backends, the main job."""
