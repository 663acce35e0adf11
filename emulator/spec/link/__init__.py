"""The host link: frames of bytes that carry register accesses."""
