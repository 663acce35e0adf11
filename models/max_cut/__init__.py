"""Max-Cut on published graphs."""
