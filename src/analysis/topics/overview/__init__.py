"""All topics together: the accounts, the headline figures, the executive page, the page of one account."""
