"""How well it all held, on past days with only what was known then."""
