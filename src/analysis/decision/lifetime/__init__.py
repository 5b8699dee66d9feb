"""How long accounts stay, and what that is worth."""
