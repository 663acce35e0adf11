"""Exact answers for systems small enough to enumerate or solve."""
