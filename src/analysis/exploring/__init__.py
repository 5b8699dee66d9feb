"""What an analyst asks of a portfolio in a notebook: what it is, one account through, who would move under another."""
