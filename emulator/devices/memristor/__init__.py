"""Memristive devices as published: programming, drift, noise, conduction, faults."""
