"""Which kinds of accounts there are, and who is like whom."""
