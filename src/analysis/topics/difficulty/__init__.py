"""How accounts and we treat each other, and whose doing it is."""
