"""What a command does, as a function: numbers in, results and files out."""
