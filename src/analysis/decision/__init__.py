"""What each account is worth, and what to do."""
