"""Readers and writers of binary formats, headers first."""
