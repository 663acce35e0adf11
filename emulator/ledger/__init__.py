"""What an executed event costs: prices with a source, and bills."""
