"""Readers of text formats."""
