"""What each relationship is worth, to us and to the account."""
