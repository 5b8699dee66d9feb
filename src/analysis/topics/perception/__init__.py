"""How staff see accounts, set beside the record."""
