"""What a point of a design space is worth."""
