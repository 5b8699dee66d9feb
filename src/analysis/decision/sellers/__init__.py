"""Sellers: what became of what each of them sold."""
